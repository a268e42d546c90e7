// Judges notes and Merkle proofs with the packages the Go project verifies its own checksum database with, so that
// what the product says of its log is checked by code that shares nothing with it.
//
// It reads one JSON object a line and answers each with one: {"ok":true,…}, or {"ok":false,"error":…}.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type question struct {
	Kind string

	// note: a signed text and the key that must have signed it.
	Text string
	Vkey string

	// inclusion: Leaf is the leaf's data, not its hash.
	Leaf  []byte
	Index int64
	Size  int64
	Root  tlog.Hash

	// consistency
	OldSize int64
	OldRoot tlog.Hash
	NewSize int64
	NewRoot tlog.Hash

	// inclusion and consistency
	Path []tlog.Hash
}

type answer struct {
	OK    bool   `json:"ok"`
	Error string `json:"error,omitempty"`
	// Signed is the text of a note that is signed as it must be.
	Signed string `json:"signed,omitempty"`
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<24)
	answers := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var result answer
		if signed, err := judge(lines.Bytes()); err != nil {
			result.Error = err.Error()
		} else {
			result.OK, result.Signed = true, signed
		}
		if err := answers.Encode(result); err != nil {
			fail(err)
		}
	}
	if err := lines.Err(); err != nil {
		fail(err)
	}
}

func judge(line []byte) (signed string, err error) {
	var q question
	if err := json.Unmarshal(line, &q); err != nil {
		return "", err
	}
	switch q.Kind {
	case "note":
		return open(q.Text, q.Vkey)
	case "inclusion":
		return "", tlog.CheckRecord(q.Path, q.Size, q.Root, q.Index, tlog.RecordHash(q.Leaf))
	case "consistency":
		return "", tlog.CheckTree(q.Path, q.NewSize, q.NewRoot, q.OldSize, q.OldRoot)
	default:
		return "", fmt.Errorf("unknown kind %q", q.Kind)
	}
}

func open(text, vkey string) (string, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return "", err
	}
	opened, err := note.Open([]byte(text), note.VerifierList(verifier))
	if err != nil {
		return "", err
	}
	return opened.Text, nil
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
