package main

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"text/template"
	"text/template/parse"
)

// ops are what the mode "value" can ask of strconv, fmt and text/template; tests/gotmpl/oracle/ops.py
// has the same in Python. A string in what they return is carried.
var ops = map[string]func(r request, text string, args []any) (any, error){
	"sprintf": func(_ request, text string, args []any) (any, error) {
		return *carried(fmt.Sprintf(text, args...)), nil
	},
	"sprint":   func(_ request, _ string, args []any) (any, error) { return *carried(fmt.Sprint(args...)), nil },
	"sprintln": func(_ request, _ string, args []any) (any, error) { return *carried(fmt.Sprintln(args...)), nil },
	"print":    func(_ request, _ string, args []any) (any, error) { return printed(args[0]) },
	"truth": func(_ request, _ string, args []any) (any, error) {
		truth, _ := template.IsTrue(args[0])
		return truth, nil
	},
	"call": func(_ request, name string, args []any) (any, error) { return call(name, args) },
	"quote": func(_ request, text string, _ []any) (any, error) {
		return []any{strconv.Quote(text), strconv.QuoteToASCII(text), strconv.CanBackquote(text)}, nil
	},
	"quote_rune": func(r request, _ string, _ []any) (any, error) {
		return []any{strconv.QuoteRune(rune(r.Rune)), strconv.QuoteRuneToASCII(rune(r.Rune))}, nil
	},
	"unquote": func(_ request, text string, _ []any) (any, error) {
		unquoted, err := strconv.Unquote(text)
		return *carried(unquoted), err
	},
	"unquote_char": func(r request, text string, _ []any) (any, error) {
		char, _, tail, err := strconv.UnquoteChar(text, r.Quote[0])
		return []any{char, *carried(tail)}, err
	},
	"number": func(_ request, text string, _ []any) (any, error) { return numberFacts(text) },
	"float": func(r request, _ string, args []any) (any, error) {
		return strconv.FormatFloat(args[0].(float64), r.Verb[0], r.Precision, 64), nil
	},
	"regexp":   func(_ request, text string, args []any) (any, error) { return matches(text, args) },
	"is_print": func(r request, _ string, _ []any) (any, error) { return strconv.IsPrint(rune(r.Rune)), nil },
}

// askValue answers a case of the mode "value".
func askValue(r request) answer {
	op, ok := ops[r.Op]
	if !ok {
		return answer{Stopped: "no such op: " + r.Op}
	}
	value, err := op(r, bare(r.Text), decodeAll(r.Args))
	if err != nil {
		return answer{Error: carried(err.Error())}
	}
	return answer{Value: value}
}

// matches returns what a regular expression does to a text, with a replacement and a count.
func matches(expression string, args []any) (any, error) {
	re, err := regexp.Compile(expression)
	if err != nil {
		return nil, err
	}
	text, replacement, count := args[0].(string), args[1].(string), args[2].(int)
	return []any{
		re.MatchString(text),
		*carried(re.FindString(text)),
		allCarried(re.FindAllString(text, count)),
		*carried(re.ReplaceAllString(text, replacement)),
		*carried(re.ReplaceAllLiteralString(text, replacement)),
		allCarried(re.Split(text, count)),
	}, nil
}

func allCarried(texts []string) []any {
	all := []any{}
	for _, text := range texts {
		all = append(all, *carried(text))
	}
	return all
}

func printed(value any) (any, error) {
	var out strings.Builder
	err := template.Must(template.New("t").Parse("{{.}}")).Execute(&out, value)
	return *carried(out.String()), err
}

// call calls a builtin function and shows its result with its type.
func call(name string, args []any) (any, error) {
	var shown string
	show := func(v any) string { shown = fmt.Sprintf("%T %#v", v, v); return "" }
	data := map[string]any{}
	text := "{{show (" + name
	for i, arg := range args {
		data["a"+strconv.Itoa(i)] = arg
		text += " (.a" + strconv.Itoa(i) + ")" // a pipeline, so that what arrives is no interface
	}
	t := template.Must(template.New("t").Funcs(template.FuncMap{"show": show}).Parse(text + ")}}"))
	if err := t.Execute(&strings.Builder{}, data); err != nil {
		_, reason, _ := strings.Cut(err.Error(), ">: ")
		return nil, errors.New(strings.TrimPrefix(reason, "error calling "+name+": "))
	}
	return *carried(shown), nil
}

// numberFacts returns what the parser reads in a number; an error says why it is none.
func numberFacts(text string) (any, error) {
	trees, err := parse.Parse("t", "{{"+text+"}}", "", "")
	if err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), "template: t:1: "))
	}
	action, ok := trees["t"].Root.Nodes[0].(*parse.ActionNode)
	if !ok || len(action.Pipe.Cmds[0].Args) != 1 {
		return nil, errors.New("not a number")
	}
	n, ok := action.Pipe.Cmds[0].Args[0].(*parse.NumberNode)
	if !ok {
		return nil, errors.New("not a number")
	}
	return map[string]any{
		"int":     []any{n.IsInt, strconv.FormatInt(n.Int64, 10)},
		"uint":    []any{n.IsUint, strconv.FormatUint(n.Uint64, 10)},
		"float":   []any{n.IsFloat, hex(n.Float64)},
		"complex": []any{n.IsComplex, hex(real(n.Complex128)), hex(imag(n.Complex128))},
	}, nil
}

func hex(f float64) string { return strconv.FormatFloat(f, 'x', -1, 64) }
