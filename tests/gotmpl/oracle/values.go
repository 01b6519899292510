package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// decode builds the Go value of a JSON value. What JSON lacks is an object with the key "$", which
// names one of the builders below.
func decode(v any) any {
	switch v := v.(type) {
	case json.Number:
		return number(string(v))
	case string:
		return bare(v)
	case []any:
		return decodeAll(v)
	case map[string]any:
		if tag, ok := v["$"]; ok {
			return builders[tag.(string)](v)
		}
		return decodeMap(v)
	}
	return v // nil, bool
}

// number tells int and float64 apart by their spelling, as Python's json does.
func number(s string) any {
	if strings.ContainsAny(s, ".eE") {
		f, _ := strconv.ParseFloat(s, 64)
		return f
	}
	i, err := strconv.Atoi(s)
	if err != nil {
		panic(err)
	}
	return i
}

func decodeAll(items []any) []any {
	all := make([]any, len(items))
	for i, item := range items {
		all[i] = decode(item)
	}
	return all
}

func decodeMap(m map[string]any) map[string]any {
	all := make(map[string]any, len(m))
	for key, value := range m {
		all[bare(key)] = decode(value)
	}
	return all
}

var builders map[string]func(map[string]any) any

func init() {
	builders = map[string]func(map[string]any) any{
		"float":   func(m map[string]any) any { return must(strconv.ParseFloat(m["text"].(string), 64)) },
		"complex": func(m map[string]any) any { return complex(asFloat(m["re"]), asFloat(m["im"])) },
		"bytes":   func(m map[string]any) any { return slices.Clip([]byte(bare(m["text"].(string)))) },
		"error":   func(m map[string]any) any { return errors.New(bare(m["text"].(string))) },
		"func":    func(m map[string]any) any { return known[m["name"].(string)] },
		"list":    typedList,
		"map":     typedMap,
		"struct":  structure,
		"named":   named,
		"chan":    channel,
		"seq":     sequence,
		"seq2":    sequence2,
	}
}

// types are the Go types that data may name.
var types = map[string]reflect.Type{
	"interface {}":            reflect.TypeFor[any](),
	"bool":                    reflect.TypeFor[bool](),
	"int":                     reflect.TypeFor[int](),
	"uint8":                   reflect.TypeFor[uint8](),
	"float64":                 reflect.TypeFor[float64](),
	"string":                  reflect.TypeFor[string](),
	"[]string":                reflect.TypeFor[[]string](),
	"map[string]interface {}": reflect.TypeFor[map[string]any](),
	"main.Point":              reflect.TypeFor[Point](),
	"main.KVPair":             reflect.TypeFor[KVPair](),
	"main.Box":                reflect.TypeFor[Box](),
	"main.Service":            reflect.TypeFor[Service](),
	"main.Person":             reflect.TypeFor[Person](),
	"main.Pretty":             reflect.TypeFor[Pretty](),
	"*main.Host":              reflect.TypeFor[*Host](),
	"main.Names":              reflect.TypeFor[Names](),
	"main.Dict":               reflect.TypeFor[Dict](),
	"main.Label":              reflect.TypeFor[Label](),
	"main.Level":              reflect.TypeFor[Level](),
	"main.Color":              reflect.TypeFor[Color](),
	"main.Celsius":            reflect.TypeFor[Celsius](),
	"main.Code":               reflect.TypeFor[Code](),
	"main.Pair":               reflect.TypeFor[Pair](),
	"*main.Pair":              reflect.TypeFor[*Pair](),
	"main.Words":              reflect.TypeFor[Words](),
	"main.Bytes":              reflect.TypeFor[Bytes](),
	"main.Number":             reflect.TypeFor[Number](),
	"main.Stringer":           reflect.TypeFor[Stringer](),
	"main.Panicker":           reflect.TypeFor[Panicker](),
	"main.Failure":            reflect.TypeFor[Failure](),
}

func typeOf(m map[string]any, key string) reflect.Type {
	name, _ := m[key].(string)
	if name == "" {
		name = "interface {}"
	}
	t, ok := types[name]
	if !ok {
		panic("the judge has no type " + name)
	}
	return t
}

// put stores a decoded value where a type is given; nil is the zero value of that type.
func put(place reflect.Value, value any) {
	if value != nil {
		place.Set(reflect.ValueOf(value))
	}
}

func typedList(m map[string]any) any {
	items := decodeAll(m["items"].([]any))
	list := reflect.MakeSlice(reflect.SliceOf(typeOf(m, "of")), len(items), len(items))
	for i, item := range items {
		put(list.Index(i), item)
	}
	return list.Interface()
}

func typedMap(m map[string]any) any {
	key, of := typeOf(m, "key"), typeOf(m, "of")
	made := reflect.MakeMap(reflect.MapOf(key, of))
	for _, item := range m["items"].([]any) {
		pair := decodeAll(item.([]any))
		k, v := reflect.New(key).Elem(), reflect.New(of).Elem()
		put(k, pair[0])
		put(v, pair[1])
		made.SetMapIndex(k, v)
	}
	return made.Interface()
}

func structure(m map[string]any) any {
	t := typeOf(m, "type")
	pointer := t.Kind() == reflect.Pointer
	if pointer {
		t = t.Elem()
	}
	made := reflect.New(t)
	fields, _ := m["fields"].(map[string]any)
	for name, value := range fields {
		put(made.Elem().FieldByName(name), decode(value))
	}
	if pointer {
		return made.Interface()
	}
	return made.Elem().Interface()
}

func named(m map[string]any) any {
	return reflect.ValueOf(decode(m["value"])).Convert(typeOf(m, "type")).Interface()
}

func channel(m map[string]any) any {
	items := decodeAll(m["items"].([]any))
	c := make(chan any, len(items))
	for _, item := range items {
		c <- item
	}
	close(c)
	return c
}

func sequence(m map[string]any) any {
	items := decodeAll(m["items"].([]any))
	return iter.Seq[any](func(yield func(any) bool) {
		for _, item := range items {
			if !yield(item) {
				return
			}
		}
	})
}

func sequence2(m map[string]any) any {
	items := m["items"].([]any)
	return iter.Seq2[any, any](func(yield func(any, any) bool) {
		for _, item := range items {
			pair := decodeAll(item.([]any))
			if !yield(pair[0], pair[1]) {
				return
			}
		}
	})
}

func asFloat(v any) float64 {
	return must(strconv.ParseFloat(fmt.Sprint(v), 64))
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
