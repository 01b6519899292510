// The judge of gotmpl's values: answers what strconv, fmt and text/template do with a value.
//
// One JSON question a line on standard input, one JSON answer a line on standard output. A string is
// sent as text, or as {"hex": "…"} where it is not UTF-8. Values carry their type:
// {"int": "5"}, {"list": [{"nil": null}]}; see `readers`, and values.py for Python's side.
package main

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"text/template/parse"
	"unicode/utf8"
)

type Point struct{ X, Y any }
type Named string
type Number int
type Names []string
type Stringer struct{ Text string }
type Panicker struct{ Text string }
type Failure struct{ Code any }
type Bytes []byte

func (s Stringer) String() string { return s.Text }
func (p Panicker) String() string { panic(p.Text) }
func (f Failure) Error() string   { return fmt.Sprint("failure ", f.Code) }

type Question struct {
	Op        string
	Text      json.RawMessage
	Args      []json.RawMessage
	Verb      string
	Precision int
	Quote     string
	Rune      int64
}

func readText(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	var bytes struct{ Hex string }
	check(json.Unmarshal(raw, &bytes))
	data, err := hex.DecodeString(bytes.Hex)
	check(err)
	return string(data)
}

func writeText(text string) any {
	if utf8.ValidString(text) {
		return text
	}
	return map[string]string{"hex": hex.EncodeToString([]byte(text))}
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func readFloat(raw json.RawMessage) float64 {
	f, err := strconv.ParseFloat(readText(raw), 64)
	check(err)
	return f
}

func readInt(raw json.RawMessage) int {
	i, err := strconv.ParseInt(readText(raw), 10, 64)
	check(err)
	return int(i)
}

func readList(raw json.RawMessage) []json.RawMessage {
	var items []json.RawMessage
	check(json.Unmarshal(raw, &items))
	return items
}

func each[T any](raw json.RawMessage, read func(json.RawMessage) T) []T {
	out := []T{}
	for _, item := range readList(raw) {
		out = append(out, read(item))
	}
	return slices.Clip(out)
}

func pairs[K comparable](raw json.RawMessage, read func(json.RawMessage) K) map[K]any {
	out := map[K]any{}
	for _, item := range readList(raw) {
		pair := readList(item)
		out[read(pair[0])] = readValue(pair[1])
	}
	return out
}

func readPoint(raw json.RawMessage) Point {
	items := each(raw, readValue)
	return Point{items[0], items[1]}
}

var readers map[string]func(json.RawMessage) any

func init() {
	readers = map[string]func(json.RawMessage) any{
		"nil":      func(json.RawMessage) any { return nil },
		"bool":     func(raw json.RawMessage) any { return readText(raw) == "true" },
		"int":      func(raw json.RawMessage) any { return readInt(raw) },
		"uint8":    func(raw json.RawMessage) any { return uint8(readInt(raw)) },
		"float":    func(raw json.RawMessage) any { return readFloat(raw) },
		"complex":  func(raw json.RawMessage) any { p := each(raw, readFloat); return complex(p[0], p[1]) },
		"string":   func(raw json.RawMessage) any { return readText(raw) },
		"bytes":    func(raw json.RawMessage) any { return slices.Clip([]byte(readText(raw))) },
		"list":     func(raw json.RawMessage) any { return each(raw, readValue) },
		"strings":  func(raw json.RawMessage) any { return each(raw, readText) },
		"ints":     func(raw json.RawMessage) any { return each(raw, readInt) },
		"map":      func(raw json.RawMessage) any { return pairs(raw, readText) },
		"intmap":   func(raw json.RawMessage) any { return pairs(raw, readInt) },
		"floatmap": func(raw json.RawMessage) any { return pairs(raw, readFloat) },
		"anymap":   func(raw json.RawMessage) any { return pairs(raw, readValue) },
		"point":    func(raw json.RawMessage) any { return readPoint(raw) },
		"pointer":  func(raw json.RawMessage) any { p := readPoint(raw); return &p },
		"named":    func(raw json.RawMessage) any { return Named(readText(raw)) },
		"number":   func(raw json.RawMessage) any { return Number(readInt(raw)) },
		"names":    func(raw json.RawMessage) any { return Names(each(raw, readText)) },
		"rawbytes": func(raw json.RawMessage) any { return Bytes(slices.Clip([]byte(readText(raw)))) },
		"stringer": func(raw json.RawMessage) any { return Stringer{readText(raw)} },
		"panicker": func(raw json.RawMessage) any { return Panicker{readText(raw)} },
		"failure":  func(raw json.RawMessage) any { return Failure{readValue(raw)} },
		"error":    func(raw json.RawMessage) any { return errors.New(readText(raw)) },
	}
}

func readValue(raw json.RawMessage) any {
	var value map[string]json.RawMessage
	check(json.Unmarshal(raw, &value))
	for name, inner := range value {
		return readers[name](inner)
	}
	panic("a value without a type")
}

func numberFacts(text string) any {
	trees, err := parse.Parse("t", "{{"+text+"}}", "", "")
	if err != nil {
		return map[string]any{"error": writeText(strings.TrimPrefix(err.Error(), "template: t:1: "))}
	}
	action, ok := trees["t"].Root.Nodes[0].(*parse.ActionNode)
	if !ok || len(action.Pipe.Cmds[0].Args) != 1 {
		return map[string]any{"error": "not a number"}
	}
	n, ok := action.Pipe.Cmds[0].Args[0].(*parse.NumberNode)
	if !ok {
		return map[string]any{"error": "not a number"}
	}
	return map[string]any{
		"int": []any{n.IsInt, strconv.FormatInt(n.Int64, 10)}, "uint": []any{n.IsUint, strconv.FormatUint(n.Uint64, 10)},
		"float":   []any{n.IsFloat, strconv.FormatFloat(n.Float64, 'x', -1, 64)},
		"complex": []any{n.IsComplex, strconv.FormatFloat(real(n.Complex128), 'x', -1, 64), strconv.FormatFloat(imag(n.Complex128), 'x', -1, 64)},
	}
}

func orError(text string, err error) any {
	if err != nil {
		return map[string]any{"error": err.Error()}
	}
	return writeText(text)
}

func unquoteChar(text, quote string) any {
	r, _, tail, err := strconv.UnquoteChar(text, quote[0])
	if err != nil {
		return map[string]any{"error": err.Error()}
	}
	return []any{r, writeText(tail)}
}

// Call a builtin function on the arguments and show its result with its type.
func call(name string, args []any) any {
	var out any
	res := func(v any) string { out = writeText(fmt.Sprintf("%T %#v", v, v)); return "" }
	data := map[string]any{}
	text := "{{res (" + name
	for i, arg := range args {
		data["a"+strconv.Itoa(i)] = arg
		text += " (.a" + strconv.Itoa(i) + ")" // a pipeline, so that what arrives is no interface
	}
	t := template.Must(template.New("t").Funcs(template.FuncMap{"res": res}).Parse(text + ")}}"))
	if err := t.Execute(&strings.Builder{}, data); err != nil {
		_, reason, _ := strings.Cut(err.Error(), ">: ")
		return map[string]any{"error": writeText(strings.TrimPrefix(reason, "error calling "+name+": "))}
	}
	return out
}

func printed(value any) any {
	var out strings.Builder
	err := template.Must(template.New("t").Parse("{{.}}")).Execute(&out, value)
	return orError(out.String(), err)
}

func answer(q Question) any {
	text := ""
	if q.Text != nil {
		text = readText(q.Text)
	}
	args := []any{}
	for _, raw := range q.Args {
		args = append(args, readValue(raw))
	}
	switch q.Op {
	case "sprintf":
		return writeText(fmt.Sprintf(text, args...))
	case "sprint":
		return writeText(fmt.Sprint(args...))
	case "sprintln":
		return writeText(fmt.Sprintln(args...))
	case "print":
		return printed(args[0])
	case "truth":
		truth, _ := template.IsTrue(args[0])
		return truth
	case "call":
		return call(text, args)
	case "quote":
		return []any{strconv.Quote(text), strconv.QuoteToASCII(text), strconv.CanBackquote(text)}
	case "quote_rune":
		return []any{strconv.QuoteRune(rune(q.Rune)), strconv.QuoteRuneToASCII(rune(q.Rune))}
	case "unquote":
		return orError(strconv.Unquote(text))
	case "unquote_char":
		return unquoteChar(text, q.Quote)
	case "number":
		return numberFacts(text)
	case "float":
		return strconv.FormatFloat(args[0].(float64), q.Verb[0], q.Precision, 64)
	case "is_print":
		return strconv.IsPrint(rune(q.Rune))
	}
	panic("unknown op " + q.Op)
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 0 {
			var q Question
			check(json.Unmarshal(line, &q))
			check(encoder.Encode(answer(q)))
		}
		if err != nil {
			break
		}
	}
	check(out.Flush())
}
