// Go's side of the benchmarks: text/template itself, timed and measured on request.
//
// One JSON request a line on stdin, one JSON answer a line on stdout. It knows nothing of the other
// engines: a workload comes with its template, its data and the keys that getv answers from.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"text/template"
	"unsafe"
)

type request struct {
	Op      string // load, output, render, cold or memory
	Name    string
	Count   int // of renders, parses or templates kept at once
	Text    string
	Data    any
	Keys    map[string]string
	Objects bool // whether the maps in the values of Data become structs
}

type answer struct {
	Output string  `json:"output,omitempty"`
	Each   float64 `json:"each"` // nanoseconds, or bytes for memory
	Error  string  `json:"error,omitempty"`
}

type workload struct {
	text   string
	data   any
	funcs  template.FuncMap
	parsed *template.Template
}

func (w *workload) parse() (*template.Template, error) {
	return template.New("t").Funcs(w.funcs).Parse(w.text)
}

// render makes a new string every time, as the other engines do.
func (w *workload) render() (string, error) {
	var out strings.Builder
	err := w.parsed.Execute(&out, w.data)
	return out.String(), err
}

// cold parses and renders each file once; a form feed ends a file.
func (w *workload) cold() (string, error) {
	var out strings.Builder
	for text := range strings.SplitSeq(w.text, "\f") {
		parsed, err := template.New("t").Funcs(w.funcs).Parse(text)
		if err == nil {
			err = parsed.Execute(&out, w.data)
		}
		if err != nil {
			return "", err
		}
	}
	return out.String(), nil
}

func newWorkload(r request) (*workload, error) {
	w := &workload{text: r.Text, data: plain(r.Data), funcs: template.FuncMap{"getv": getv(r.Keys)}}
	if root, ok := w.data.(map[string]any); ok && r.Objects {
		for key := range root {
			root[key] = object(root[key])
		}
	}
	parsed, err := w.parse()
	w.parsed = parsed
	return w, err
}

// getv is confd's, over a map.
func getv(keys map[string]string) func(string, ...string) (string, error) {
	return func(key string, fallback ...string) (string, error) {
		if value, ok := keys[key]; ok {
			return value, nil
		}
		if len(fallback) > 0 {
			return fallback[0], nil
		}
		return "", fmt.Errorf("key does not exist: %s", key)
	}
}

// plain makes a whole number an int, as every other engine reads it.
func plain(value any) any {
	switch value := value.(type) {
	case json.Number:
		if whole, err := value.Int64(); err == nil {
			return int(whole)
		}
		number, _ := value.Float64()
		return number
	case []any:
		for i := range value {
			value[i] = plain(value[i])
		}
	case map[string]any:
		for key := range value {
			value[key] = plain(value[key])
		}
	}
	return value
}

// object makes a struct of every map; its fields are of the types of their values, any for nil.
func object(value any) any {
	switch value := value.(type) {
	case []any:
		for i := range value {
			value[i] = object(value[i])
		}
	case map[string]any:
		names := slices.Sorted(maps.Keys(value))
		fields := make([]reflect.StructField, len(names))
		for i, name := range names {
			value[name] = object(value[name])
			kind := reflect.TypeOf(value[name])
			if kind == nil {
				kind = reflect.TypeFor[any]()
			}
			fields[i] = reflect.StructField{Name: name, Type: kind}
		}
		made := reflect.New(reflect.StructOf(fields)).Elem()
		for i, name := range names {
			if value[name] != nil {
				made.Field(i).Set(reflect.ValueOf(value[name]))
			}
		}
		return made.Interface()
	}
	return value
}

// each runs a step so many times and tells the nanoseconds of one. It reads the clock of its thread,
// which stands still while others have the core; what the collector does beside it is not counted.
func each(count int, step func() error) (float64, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	start := threadTime()
	for range count {
		if err := step(); err != nil {
			return 0, err
		}
	}
	return float64(threadTime()-start) / float64(count), nil
}

func threadTime() int64 {
	const threadCPU = 3 // CLOCK_THREAD_CPUTIME_ID
	var now syscall.Timespec
	syscall.Syscall(syscall.SYS_CLOCK_GETTIME, threadCPU, uintptr(unsafe.Pointer(&now)), 0)
	return now.Nano()
}

// memory tells the bytes of one parsed template, its text included, from many that are kept at once.
func memory(w *workload, count int) (float64, error) {
	kept := make([]*template.Template, count)
	before := heap()
	for i := range kept {
		own := *w
		own.text = strings.Clone(w.text)
		parsed, err := own.parse()
		if err != nil {
			return 0, err
		}
		kept[i] = parsed
	}
	after := heap()
	runtime.KeepAlive(kept)
	return float64(after-before) / float64(count), nil
}

func heap() uint64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

func (a *answer) fill(r request, loaded map[string]*workload) (err error) {
	w := loaded[r.Name]
	switch r.Op {
	case "load":
		loaded[r.Name], err = newWorkload(r)
	case "output":
		a.Output, err = w.cold()
	case "render":
		a.Each, err = each(r.Count, func() error { _, err := w.render(); return err })
	case "cold":
		a.Each, err = each(r.Count, func() error { _, err := w.cold(); return err })
	case "memory":
		a.Each, err = memory(w, r.Count)
	default:
		err = fmt.Errorf("no such op: %q", r.Op)
	}
	return err
}

func main() {
	in, out := bufio.NewReader(os.Stdin), json.NewEncoder(os.Stdout)
	loaded := map[string]*workload{}
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		var r request
		var a answer
		decoder := json.NewDecoder(bytes.NewReader(line))
		decoder.UseNumber()
		if err = decoder.Decode(&r); err == nil {
			err = a.fill(r, loaded)
		}
		if err != nil {
			a.Error = err.Error()
		}
		if out.Encode(a) != nil {
			return
		}
	}
}
