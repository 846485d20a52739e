package main

import (
	"bytes"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/gcexportdata"
)

// export encodes the types of a package, without positions, and lists the
// packages that they reach.
func export(p *pkg) (data []byte, needs []string, err error) {
	var b bytes.Buffer
	if err := gcexportdata.Write(&b, nil, p.types); err != nil {
		return nil, nil, err
	}
	// Read it back: what cannot be read is of no use.
	got, err := gcexportdata.Read(bytes.NewReader(b.Bytes()), token.NewFileSet(), map[string]*types.Package{}, p.path)
	if err != nil {
		return nil, nil, err
	}
	for _, imp := range got.Imports() {
		needs = append(needs, imp.Path())
	}
	return b.Bytes(), needs, nil
}
