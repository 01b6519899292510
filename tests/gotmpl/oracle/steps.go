package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"
)

// stage is where a list of steps is played: the template values by the names that the steps give them,
// and a folder for their files.
type stage struct {
	templates map[string]*template.Template
	folder    string
}

// play does the steps in turn and notes what each one said; an error does not end the play.
func play(steps [][]any) []any {
	folder, err := os.MkdirTemp("", "judge")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(folder)
	s := &stage{map[string]*template.Template{}, folder}
	log := make([]any, 0, len(steps))
	for _, step := range steps {
		log = append(log, s.take(step))
	}
	return log
}

// take does one step: [operation, template, arguments…].
func (s *stage) take(step []any) (said any) {
	defer func() {
		if p := recover(); p != nil {
			said = map[string]any{"panic": *carried(fmt.Sprint(p))}
		}
	}()
	args := make([]string, 0, len(step))
	for _, arg := range step {
		if word, ok := arg.(string); ok {
			args = append(args, bare(word))
		}
	}
	return s.do(args[0], args[1], args[2:], step)
}

func (s *stage) do(operation, on string, args []string, step []any) any {
	t := s.templates[on]
	switch operation {
	case "new":
		s.templates[on] = template.New(args[0])
	case "new_in":
		s.templates[on] = s.templates[args[0]].New(args[1])
	case "parse":
		_, err := t.Parse(args[0])
		return s.failed(err)
	case "clone":
		clone, err := s.templates[args[0]].Clone()
		s.templates[on] = clone
		return s.failed(err)
	case "lookup":
		found := s.templates[args[0]].Lookup(args[1])
		if found == nil {
			return nil
		}
		s.templates[on] = found
		return *carried(found.Name())
	case "option":
		t.Option(args...)
	case "delims":
		t.Delims(args[0], args[1])
	case "funcs":
		t.Funcs(functions(step[2]))
	case "name":
		return *carried(t.Name())
	case "tree":
		return *carried(t.Root.String())
	case "templates":
		return names(t)
	case "defined_templates":
		return sorted(t.DefinedTemplates())
	case "add_parse_tree":
		added, err := s.templates[args[0]].AddParseTree(args[1], s.templates[args[2]].Tree)
		s.templates[on] = added
		return s.failed(err)
	case "execute":
		return outcome(run(func(w io.Writer) error { return t.Execute(w, datum(step, 2)) }))
	case "execute_template":
		return outcome(run(func(w io.Writer) error { return t.ExecuteTemplate(w, args[0], datum(step, 3)) }))
	default:
		return s.doFiles(operation, on, args)
	}
	return nil
}

func (s *stage) doFiles(operation, on string, args []string) any {
	switch operation {
	case "file":
		path := filepath.Join(s.folder, on)
		return s.failed(errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(args[0]), 0o644)))
	case "parse_files":
		for i, name := range args {
			args[i] = filepath.Join(s.folder, name)
		}
		parsed, err := s.templates[on].ParseFiles(args...)
		return s.parsed(parsed, err)
	case "parse_glob":
		parsed, err := s.templates[on].ParseGlob(filepath.Join(s.folder, args[0]))
		return s.parsed(parsed, err)
	}
	panic("the judge knows no step " + operation)
}

func (s *stage) parsed(t *template.Template, err error) any {
	if err != nil {
		return s.failed(err)
	}
	return *carried(t.Name())
}

// failed words an error without the name of the folder, which differs from play to play.
func (s *stage) failed(err error) any {
	if err == nil {
		return nil
	}
	return map[string]any{"error": *carried(strings.ReplaceAll(err.Error(), s.folder, "FOLDER"))}
}

func outcome(a answer) map[string]any {
	if a.Stopped != "" {
		panic(a.Stopped)
	}
	said := map[string]any{"output": *a.Output}
	if a.Error != nil {
		said["error"] = *a.Error
	}
	return said
}

func datum(step []any, at int) any {
	if len(step) <= at {
		return nil
	}
	return decode(step[at])
}

func names(t *template.Template) []string {
	all := []string{}
	for _, each := range t.Templates() {
		all = append(all, *carried(each.Name()))
	}
	slices.Sort(all)
	return all
}

// sorted puts the list of defined templates, which Go gives in random order, into one order.
func sorted(defined string) string {
	head, list, found := strings.Cut(defined, ": ")
	if !found {
		return defined
	}
	items := strings.Split(list, ", ")
	slices.Sort(items)
	return head + ": " + strings.Join(items, ", ")
}
