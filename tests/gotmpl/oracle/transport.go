package main

import (
	"strings"
	"unicode/utf8"
)

// A byte that is not UTF-8 cannot stand in JSON, so it travels as the rune escapeBase + byte, both ways.
// No template or datum of ours may hold a rune from U+10FE80 to U+10FEFF itself.
const escapeBase = 0x10FE00

// bare turns a string that travelled into the bytes that it stands for.
func bare(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r >= escapeBase+0x80 && r <= escapeBase+0xFF {
			b.WriteByte(byte(r - escapeBase))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func bareAll(all []string) []string {
	plain := make([]string, len(all))
	for i, s := range all {
		plain[i] = bare(s)
	}
	return plain
}

// carried is the inverse of bare; a pointer, so that an empty string differs from none.
func carried(s string) *string {
	if utf8.ValidString(s) {
		return &s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && size == 1 {
			r = escapeBase + rune(s[0])
		}
		b.WriteRune(r)
		s = s[size:]
	}
	escaped := b.String()
	return &escaped
}
