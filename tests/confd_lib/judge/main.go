// The judge of what confd's functions stand on: Go's own packages answer, one line for each asked.
//
// A question is a JSON list, an operation and its arguments; text travels as base64, so that bytes
// which are no UTF-8 arrive as they are. An answer is a JSON list, in the same way.
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"sort"
	"strconv"
	"strings"
	"text/template"
	"time"
)

type keyed [][2]int

func (k keyed) Len() int           { return len(k) }
func (k keyed) Less(i, j int) bool { return k[i][0] < k[j][0] }
func (k keyed) Swap(i, j int)      { k[i], k[j] = k[j], k[i] }

type arguments []json.RawMessage

func (a arguments) text(i int) string {
	var data []byte
	must(json.Unmarshal(a[i], &data))
	return string(data)
}

func (a arguments) number(i int) int64 {
	var number int64
	must(json.Unmarshal(a[i], &number))
	return number
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func said(err error) []byte {
	if err == nil {
		return []byte{}
	}
	return []byte(err.Error())
}

func texts(parts []string) [][]byte {
	data := make([][]byte, len(parts))
	for i, part := range parts {
		data[i] = []byte(part)
	}
	return data
}

func moment(a arguments) time.Time {
	t := time.Unix(0, a.number(0))
	if a.number(1) != 0 {
		return t.UTC()
	}
	return t
}

var operations = map[string]func(arguments) []any{
	"path": func(a arguments) []any {
		p := a.text(0)
		return []any{[]byte(path.Clean(p)), []byte(path.Base(p)), []byte(path.Dir(p))}
	},
	"match": func(a arguments) []any {
		matched, err := path.Match(a.text(0), a.text(1))
		return []any{matched, said(err)}
	},
	"sort": func(a arguments) []any {
		var items keyed
		must(json.Unmarshal(a[0], &items))
		sort.Sort(items)
		return []any{items}
	},
	"json": func(a arguments) []any {
		var object map[string]any
		var array []any
		noObject := json.Unmarshal([]byte(a.text(0)), &object)
		noArray := json.Unmarshal([]byte(a.text(0)), &array)
		printed := fmt.Sprint(object)
		if noObject != nil {
			printed = fmt.Sprint(array)
		}
		return []any{said(noObject), said(noArray), []byte(printed)}
	},
	"base64": func(a arguments) []any {
		decoded, err := base64.StdEncoding.DecodeString(a.text(0))
		return []any{decoded, said(err)}
	},
	"cases": func(a arguments) []any {
		return []any{[]byte(strings.ToUpper(a.text(0))), []byte(strings.ToLower(a.text(0)))}
	},
	"strings": func(a arguments) []any {
		s, t := a.text(0), a.text(1)
		return []any{
			texts(strings.Split(s, t)), strings.Contains(s, t), []byte(strings.TrimSuffix(s, t)),
			[]byte(strings.Replace(s, t, a.text(2), int(a.number(3)))),
		}
	},
	"atoi": func(a arguments) []any {
		number, err := strconv.Atoi(a.text(0))
		return []any{strconv.Itoa(number), said(err)}
	},
	"bool": func(a arguments) []any {
		truth, err := strconv.ParseBool(a.text(0))
		return []any{truth, said(err)}
	},
	"float": func(a arguments) []any {
		number, err := strconv.ParseFloat(a.text(0), 64)
		return []any{[]byte(strconv.FormatFloat(number, 'f', -1, 64)), said(err)}
	},
	"time": func(a arguments) []any {
		t := moment(a)
		return []any{[]byte(t.Format(a.text(2))), []byte(t.String())}
	},
	"template": func(a arguments) []any {
		// A template that may call datetime and, for another moment, other.
		t, u := moment(a), moment(a[2:])
		var out strings.Builder
		made, err := template.New("t").Funcs(template.FuncMap{
			"datetime": func() time.Time { return t },
			"other":    func() time.Time { return u },
		}).Parse(a.text(4))
		must(err)
		err = made.Execute(&out, nil)
		return []any{[]byte(out.String()), said(err)}
	},
	"later": func(a arguments) []any {
		t := moment(a).AddDate(int(a.number(2)), int(a.number(3)), int(a.number(4)))
		return []any{[]byte(t.String())}
	},
}

func main() {
	in := bufio.NewReader(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		var question arguments
		must(json.Unmarshal(line, &question))
		var operation string
		must(json.Unmarshal(question[0], &operation))
		must(out.Encode(operations[operation](question[1:])))
	}
}
