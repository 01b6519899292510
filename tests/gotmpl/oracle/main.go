// The judge: renders and parses templates with Go's own text/template, and asks it, fmt and strconv about
// single values, one JSON line per case.
//
// It knows nothing of the engine under test. Every line on stdin is a case, every line on stdout its
// answer, in the same order; the process lives as long as its stdin is open. tests/gotmpl/oracle/README.md
// describes cases, answers and the encoding of data.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/template"
	"text/template/parse"
	"time"
)

const (
	queueLength = 1 << 16 // cases a client may send before it reads an answer
	outputLimit = 1 << 22 // bytes one template may write
	patience    = 10 * time.Second
)

// request is one case; the fields that a mode does not use stay empty.
type request struct {
	ID       string   `json:"id"`
	Mode     string   `json:"mode"` // "exec" (also when empty), "parse", "steps" or "value"
	Name     *string  `json:"name"`
	Template any      `json:"template"`
	Data     any      `json:"data"`
	Funcs    any      `json:"funcs"` // names of functions of ours, or name in the template -> such a name
	Options  []string `json:"options"`
	Delims   []string `json:"delims"`
	Comments bool     `json:"comments"`
	Steps    [][]any  `json:"steps"`

	Op        string `json:"op"` // of the mode "value", as are all below
	Text      string `json:"text"`
	Args      []any  `json:"args"`
	Verb      string `json:"verb"`
	Precision int    `json:"precision"`
	Quote     string `json:"quote"`
	Rune      int64  `json:"rune"`
}

// answer says what Go did; Stopped is set when Go itself gave no answer that another engine could match.
type answer struct {
	ID      string            `json:"id"`
	Output  *string           `json:"output,omitempty"`
	Error   *string           `json:"error,omitempty"`
	Panic   *string           `json:"panic,omitempty"`
	Trees   map[string]string `json:"trees,omitempty"`
	Log     []any             `json:"log,omitempty"`
	Value   any               `json:"value,omitempty"`
	Stopped string            `json:"stopped,omitempty"`
}

var errTooLong = errors.New("the output is too long")

// limited is a writer that stands in for the reader who gives up on endless output.
type limited struct{ strings.Builder }

func (w *limited) Write(p []byte) (int, error) {
	if w.Len()+len(p) > outputLimit {
		return 0, errTooLong
	}
	return w.Builder.Write(p)
}

func main() {
	lines := make(chan []byte, queueLength)
	go read(os.Stdin, lines)
	out := bufio.NewWriter(os.Stdout)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for line := range lines {
		given := inTime(line)
		if err := encoder.Encode(given); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		if len(lines) == 0 || given.Stopped != "" {
			out.Flush()
		}
		if given.Stopped == "timeout" { // its goroutine cannot be ended, so the process goes with it
			os.Exit(3)
		}
	}
	out.Flush()
}

func read(in io.Reader, lines chan<- []byte) {
	defer close(lines)
	reader := bufio.NewReader(in)
	for {
		line, err := reader.ReadBytes('\n')
		if len(line) > 0 {
			lines <- line
		}
		if err != nil {
			return
		}
	}
}

func inTime(line []byte) answer {
	done := make(chan answer, 1)
	var r request
	decoder := json.NewDecoder(strings.NewReader(string(line)))
	decoder.UseNumber()
	if err := decoder.Decode(&r); err != nil {
		return answer{Stopped: "bad case: " + err.Error()}
	}
	go func() { done <- judge(r) }()
	select {
	case a := <-done:
		return a
	case <-time.After(patience):
		return answer{ID: r.ID, Stopped: "timeout"}
	}
}

// judge answers one case; a panic of Go's own code is an answer too.
func judge(r request) (a answer) {
	defer func() {
		a.ID = r.ID
		if p := recover(); p != nil {
			a = answer{ID: r.ID, Panic: carried(fmt.Sprint(p))}
		}
	}()
	switch r.Mode {
	case "", "exec":
		return execute(r)
	case "parse":
		return parseOnly(r)
	case "steps":
		return answer{Log: play(r.Steps)}
	case "value":
		return askValue(r)
	}
	return answer{Stopped: "no such mode: " + r.Mode}
}

func execute(r request) answer {
	t := template.New(nameOf(r)).Funcs(functions(r.Funcs)).Option(bareAll(r.Options)...)
	if r.Delims != nil {
		t.Delims(bare(r.Delims[0]), bare(r.Delims[1]))
	}
	if _, err := t.Parse(text(r.Template)); err != nil {
		return answer{Error: carried(err.Error())}
	}
	return run(func(w io.Writer) error { return t.Execute(w, decode(r.Data)) })
}

// run reports what was written, and the error that ended it.
func run(execution func(io.Writer) error) (a answer) {
	var w limited
	err := execution(&w)
	if errors.Is(err, errTooLong) {
		return answer{Stopped: errTooLong.Error()}
	}
	a.Output = carried(w.String())
	if err != nil {
		a.Error = carried(err.Error())
	}
	return a
}

func parseOnly(r request) answer {
	names := functions(r.Funcs)
	tree := parse.New(nameOf(r))
	if r.Comments {
		tree.Mode = parse.ParseComments
	}
	left, right := "", ""
	if r.Delims != nil {
		left, right = bare(r.Delims[0]), bare(r.Delims[1])
	}
	trees := map[string]*parse.Tree{}
	if _, err := tree.Parse(text(r.Template), left, right, trees, names, builtins); err != nil {
		return answer{Error: carried(err.Error())}
	}
	printed := map[string]string{}
	for name, tree := range trees {
		printed[*carried(name)] = *carried(tree.Root.String())
	}
	return answer{Trees: printed}
}

// builtins names what text/template knows by itself; parse only looks at the keys.
var builtins = func() map[string]any {
	known := map[string]any{}
	for name := range strings.FieldsSeq("and call html index slice js len not or print printf println urlquery " +
		"eq ge gt le lt ne") {
		known[name] = true
	}
	return known
}()

func nameOf(r request) string {
	if r.Name == nil {
		return "t"
	}
	return bare(*r.Name)
}

// text joins the parts of a template: strings, and [string, count] for one that repeats.
func text(parts any) string {
	if whole, ok := parts.(string); ok {
		return bare(whole)
	}
	var b strings.Builder
	for _, part := range parts.([]any) {
		if repeated, ok := part.([]any); ok {
			b.WriteString(strings.Repeat(bare(repeated[0].(string)), decode(repeated[1]).(int)))
		} else {
			b.WriteString(bare(part.(string)))
		}
	}
	return b.String()
}

// functions are those that a case asks for, by a list of their names or under other names.
func functions(wanted any) template.FuncMap {
	chosen := template.FuncMap{}
	switch wanted := wanted.(type) {
	case []any:
		for _, name := range wanted {
			chosen[name.(string)] = ours(name)
		}
	case map[string]any:
		for alias, name := range wanted {
			chosen[bare(alias)] = ours(name)
		}
	}
	return chosen
}

func ours(name any) any {
	f, ok := known[name.(string)]
	if !ok {
		panic(fmt.Sprintf("the judge has no function %s", name))
	}
	return f
}
