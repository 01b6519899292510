package main

import (
	"errors"
	"fmt"
	"strings"
)

// The types and functions that templates of the cases may meet. tests/gotmpl/oracle/mirror.py has the same
// in Python: whoever changes one changes the other.

// Point has fields of concrete types only.
type Point struct{ X, Y int }

// KVPair is what confd's gets returns.
type KVPair struct{ Key, Value string }

// Box holds anything, so that its field has the static type interface {}.
type Box struct{ Value any }

// Service mixes concrete types and interface {}.
type Service struct {
	Name   string
	Port   int
	Weight float64
	Up     bool
	Tags   []string
	Labels map[string]any
	Extra  any
}

// Person has methods of every shape.
type Person struct {
	Name string
	Age  int
}

func (p Person) Greet() string                       { return "hello " + p.Name }
func (p Person) Add(a, b int) int                    { return a + b }
func (p Person) Older(years int) Person              { return Person{p.Name, p.Age + years} }
func (p Person) Join(sep string, s ...string) string { return strings.Join(s, sep) }
func (p Person) Tell(n int, sep string, s ...string) string {
	return fmt.Sprint(n) + sep + strings.Join(s, sep)
}
func (p Person) Fail() (string, error)               { return "", errors.New("no greeting") }
func (p Person) Check(ok bool) (string, error) {
	if !ok {
		return "", errors.New("not ok")
	}
	return "ok", nil
}
func (p Person) Pair() (string, int)        { return p.Name, p.Age }
func (p Person) Trio(n int) (int, int, int) { return n, n, n }

func (p Person) Nothing() any          { return nil }
func (p Person) Any() any              { return p.Name }
func (p Person) Echo(v any) any        { return v }
func (p Person) Panic() string         { panic("person panicked") }
func (p Person) Nicknames() []string   { return []string{p.Name, p.Name + "y"} }
func (p Person) About() map[string]any { return map[string]any{"name": p.Name, "age": p.Age} }

// Pretty is a struct that prints itself.
type Pretty struct{ V int }

func (p Pretty) String() string { return fmt.Sprintf("<pretty %d>", p.V) }

// Host is only met as a pointer.
type Host struct {
	Name string
	Port int
}

func (h *Host) Address() string { return fmt.Sprintf("%s:%d", h.Name, h.Port) }

// Names, Dict, Label and Level are named types of the four common kinds, with a method each.
type (
	Names []any
	Dict  map[string]any
	Label string
	Level int
)

func (n Names) Count() int    { return len(n) }
func (d Dict) Size() int      { return len(d) }
func (l Label) Shout() string { return upper(string(l)) }
func (l Level) Next() Level   { return l + 1 }

func (l Level) Plus(m Level) Level  { return l + m }
func (l Level) GoString() string    { return fmt.Sprintf("main.Level(%d)", int(l)) }
func (l Label) With(m Label) string { return string(l) + string(m) }

// Color and Celsius print themselves; Code is an error of kind int.
type (
	Color   int
	Celsius float64
	Code    int
)

func (c Color) String() string   { return fmt.Sprintf("color-%d", int(c)) }
func (c Celsius) String() string { return fmt.Sprintf("%.1f°C", float64(c)) }
func (c Code) Error() string     { return fmt.Sprintf("code %d", int(c)) }

// Pair has fields of the static type interface {}, and is met as a pointer as well.
type Pair struct{ X, Y any }

// Words, Bytes and Number are named types without a method.
type (
	Words  []string
	Bytes  []byte
	Number int
)

// Stringer and Panicker print themselves, or try to; Failure is an error with a field.
type (
	Stringer struct{ Text string }
	Panicker struct{ Text string }
	Failure  struct{ Code any }
)

func (s Stringer) String() string { return s.Text }
func (p Panicker) String() string { panic(p.Text) }
func (f Failure) Error() string   { return fmt.Sprint("failure ", f.Code) }

// known are the functions that a case may register, or hold as values.
var known = map[string]any{
	"add":    func(a, b int) int { return a + b },
	"half":   func(x float64) float64 { return x / 2 },
	"upper":  upper,
	"repeat": repeat,
	"invert": func(b bool) bool { return !b },
	"join":   func(items []string, sep string) string { return strings.Join(items, sep) },
	"words":  func(s string) []string { return strings.Split(s, " ") },
	"sum":    sum,
	"concat": func(sep string, parts ...string) string { return strings.Join(parts, sep) },
	"glue":   func(a, b string, rest ...string) string { return a + b + strings.Join(rest, "+") },
	"count":  func(values ...any) int { return len(values) },
	"list":   func(values ...any) []any { return values },
	"first":  first,
	"dict":   dict,
	"size":   func(m map[string]any) int { return len(m) },
	"echo":   func(v any) any { return v },
	"none":   func() any { return nil },
	"answer": func() int { return 42 },
	"ratio":  func() float64 { return 0.5 },
	"yes":    func() bool { return true },
	"name":   func() string { return "gopher" },
	"raw":    func() []byte { return []byte("raw") },
	"point":  func(x, y int) Point { return Point{x, y} },
	"person": func(name string, age int) Person { return Person{name, age} },
	"box":    func(v any) Box { return Box{v} },
	"adder":  func(n int) func(int) int { return func(m int) int { return n + m } },
	"fail":   func() (string, error) { return "", errors.New("boom") },
	"check":  check,
	"crash":  func() string { panic("crashed") },
	"level":  func(l Level) Level { return l },
	"warm":   func(c Celsius) Celsius { return c },
	"broken": func(v any) (any, error) { return v, Code(7) },
}

// upper leaves all but ASCII alone, for Unicode tables differ.
func upper(s string) string {
	letters := []byte(s)
	for i, c := range letters {
		if 'a' <= c && c <= 'z' {
			letters[i] = c - 'a' + 'A'
		}
	}
	return string(letters)
}

func repeat(s string, n int) (string, error) {
	if n < 0 || n > 100 {
		return "", errors.New("count out of range")
	}
	return strings.Repeat(s, n), nil
}

func sum(numbers ...int) int {
	total := 0
	for _, n := range numbers {
		total += n
	}
	return total
}

func first(items []any) (any, error) {
	if len(items) == 0 {
		return nil, errors.New("the list is empty")
	}
	return items[0], nil
}

func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, errors.New("dict wants pairs")
	}
	made := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		key, ok := pairs[i].(string)
		if !ok {
			return nil, errors.New("dict wants string keys")
		}
		made[key] = pairs[i+1]
	}
	return made, nil
}

func check(s string) (string, error) {
	if s == "" {
		return "", errors.New("100% empty")
	}
	return s, nil
}
