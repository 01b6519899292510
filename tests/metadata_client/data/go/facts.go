// Writes what Go's standard library says; the tests of metadata_client hold us to it.
//
//	go run tests/metadata_client/data/go/facts.go > tests/metadata_client/data/go/facts.json
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"os"
	"path"
	"strconv"
	"strings"
)

type row map[string]any

func floats() (rows []row) {
	numbers := []float64{0, math.Copysign(0, -1), 1, -1, 3, 1.1, 1.5, 2.5, -7.25, 0.1, 0.5, 100, 1e5, 123456,
		1234567, 12345678.9, 1e6, 1e-4, 1.2e-5, 1e-6, 9.99e-7, 1.2e-7, 1e-10, 5e-324, 1e15, 1e16, 1e17, 123456789012345680,
		1e20, 1e21, 1.5e21, 1e25, 1.7976931348623157e308, 0.30000000000000004, 3.1415927, 9007199254740993,
		3.14159265358979, 1234567.891, 16777217, 1e-46, -1e-46, -1e300, 3.4028235e38, 3.4028236e38, 1.1754944e-38, 8388608.5, 0.3, 2e-45}
	for _, f := range numbers {
		encoded, _ := json.Marshal(f)
		trimmed := strings.TrimRight(strings.TrimRight(fmt.Sprintf("%f", f), "0"), ".")
		rows = append(rows, row{"bits": strconv.FormatUint(math.Float64bits(f), 16), "sprint": fmt.Sprint(f),
			"json": string(encoded), "text": trimmed, "yaml": yaml(f)})
	}
	return
}

// As go-yaml up to 2.1: encode.go floatv.
func yaml(f float64) string {
	s := strconv.FormatFloat(f, 'g', -1, 32)
	switch s {
	case "+Inf":
		return ".inf"
	case "-Inf":
		return "-.inf"
	case "NaN":
		return ".nan"
	}
	return s
}

func escapes() (rows []row) {
	for _, s := range []string{"", "plain", "a b", "a+b", "a/b", "weird/key with space&+%", "~tilde-_.", "!*'();:@&=$,?#[]", "é☃", "a\tb\nc"} {
		encoded, _ := json.Marshal(s)
		u := url.URL{Path: "/" + s}
		rows = append(rows, row{"of": s, "query": url.QueryEscape(s), "json": string(encoded), "path": u.String()})
	}
	for _, s := range []string{"<a>&\u2028\u2029", "\x00\x01\x1f\x7f", "\b\f\n\r\t\"\\/"} {
		encoded, _ := json.Marshal(s)
		rows = append(rows, row{"of": s, "json": string(encoded)})
	}
	return
}

func kinds() (rows []row) {
	for _, s := range []string{"plain", "<html>x</html>", "<HTML >", " \n<p>", "<page>", "<?xml version=\"1.0\"?><a/>", "<!DOCTYPE HTML>",
		"<!-- x -->", "<!--x", "%PDF-1.4", "%!PS-Adobe-3", "\x00", "a\x01b", "a\x1bb", "\x7f", "{\"a\":1}", "é", "<a href>", "<b>",
		"GIF87a", "GIF89a...", "GIF88a", "BMW", "\x89PNG\r\n\x1a\n", "\xff\xd8\xff\xe0", "\xfe\xff\nx", "\xff\xfe\nx", "\xfe\xff", "\x1a\x45\xdf\xa3x", "\x1f\x8b\x08x",
		strings.Repeat("\n", 34) + "LP", strings.Repeat("\n", 33) + "LP", "RIFF\n\n\n\nWAVE", "RIFFabcdWEBPVP8 ", "RIFFabcdWAVEx", "RIFFabcdAVI x", "RIFFabcdMENU",
		"FORMabcdAIFF", "OggS\x00x", "OggSx", "ID3abc", "MThd\x00\x00\x00\x06x", ".snd", "wOFFx", "wOF2x", "OTTOx", "ttcfx", "trueabcd", "\x00\x01\x00\x00",
		"PK\x03\x04", "PKx", "Rar!\x1a\x07\x00", "Rar!\x1a\x07\x01\x00", "Rar!\x1a\x07abc", "\x00\x00\x01\x00", "\x00\x00\x02\x00",
		"\x00\x00\x00\x14ftypmp42abcdmp42", "\x00\x00\x00\x14ftypisomabcdmp41", "\x00\x00\x00\x14ftypisomabcdisom", "\x00\x00\x00\x14ftyp",
		"\x00asm", "\uFEFFx", "\uFEFF", "<body ", "<h1>", "<h2>", "<iframe>", "<br/>", "  <?xml", "\v<p>", "<title", "<style\n>",
		strings.Repeat("x", 512) + "\x00", strings.Repeat("x", 511) + "\x00"} {
		// JSON holds no bytes: each is the character of its number.
		var of []rune
		for _, b := range []byte(s) {
			of = append(of, rune(b))
		}
		rows = append(rows, row{"of": string(of), "kind": http.DetectContentType([]byte(s))})
	}
	return
}

// As gorilla/mux: path.Clean, and the slash at the end stays.
func cleaned() (rows []row) {
	for _, s := range []string{"/", "//", "/a", "/a/", "/a//", "//a", "/a/./b", "/a/../b", "/../a", "/a/..", "/a/../", "/a/b/../../..", "/.", "/./", "/...", "/a/.b"} {
		c := path.Clean(s)
		if s[len(s)-1] == '/' && c != "/" {
			c += "/"
		}
		rows = append(rows, row{"of": s, "clean": c})
	}
	return
}

// As the numbers of go-yaml: ParseInt, ParseUint; what neither takes is no whole number.
func whole() (rows []row) {
	for _, s := range []string{"0", "-0", "+0", "7", "-7", "+7", "0755", "-0755", "08", "0o17", "0O17", "0x1F", "0X1f", "-0x1f", "0b101", "-0b101", "0B1", "0x", "0b2",
		"9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "18446744073709551615", "18446744073709551616",
		"+9223372036854775808", "0xffffffffffffffff", "--1", "1a", "00", "000"} {
		text := ""
		if i, err := strconv.ParseInt(s, 0, 64); err == nil {
			text = strconv.FormatInt(i, 10)
		} else if u, err := strconv.ParseUint(s, 0, 64); err == nil {
			text = strconv.FormatUint(u, 10)
		}
		rows = append(rows, row{"of": s, "is": text})
	}
	return
}

func printed() (rows []row) {
	for _, s := range []string{`null`, `true`, `"a"`, `""`, `[]`, `{}`, `[1.5,null,"x",[true]]`, `{"b":1e25,"a":{"c":null}}`} {
		var value any
		json.Unmarshal([]byte(s), &value)
		rows = append(rows, row{"of": s, "sprint": fmt.Sprint(value)})
	}
	return
}

func main() {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	encoder.Encode(row{"floats": floats(), "escapes": escapes(), "kinds": kinds(), "cleaned": cleaned(), "whole": whole(), "printed": printed()})
	os.Stdout.Write(out.Bytes())
}
