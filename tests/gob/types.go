package main

import (
	"encoding/gob"
	"errors"
	"time"
)

// Types that programs declare, which sessio does not know.
type (
	Role   int8
	Title  string
	Titles []Title
	Ratio  float32

	// User is also what the vectors have.
	User struct {
		ID    int
		Email string
		Tags  []string
	}

	Everything struct {
		Bool     bool
		Small    int8
		Short    int16
		Rune     int32
		Long     int64
		Byte     uint8
		Word     uint16
		Wide     uint32
		Huge     uint64
		Pointer  uintptr
		Half     float32
		Double   float64
		Complex  complex64
		Text     string
		Bytes    []byte
		Digest   [4]byte
		When     time.Time
		Who      *User
		Count    *int
		Role     Role
		Titles   Titles
		ByName   map[string]User
		ByNumber map[int16][]Ratio
		Any      any
		hidden   int
	}

	// Tree needs itself.
	Tree struct {
		Leaf  any
		Left  *Tree
		Right *Tree
		More  []Tree
	}

	Empty struct{}

	// Sealed and Binary write themselves, each in another way.
	Sealed struct{ secret string }
	Binary struct{ secret string }
)

func (s Sealed) GobEncode() ([]byte, error)         { return []byte(s.secret), nil }
func (s *Sealed) GobDecode(b []byte) error          { return keep(&s.secret, b) }
func (b Binary) MarshalBinary() ([]byte, error)     { return []byte(b.secret), nil }
func (b *Binary) UnmarshalBinary(data []byte) error { return keep(&b.secret, data) }

func keep(secret *string, data []byte) error {
	if len(data) > 1<<20 {
		return errors.New("too long")
	}
	*secret = string(data)
	return nil
}

func init() {
	for _, value := range []any{
		time.Time{}, Role(0), Title(""), Titles{}, Ratio(0), User{}, Everything{}, &Tree{}, Empty{},
		Sealed{}, Binary{}, []any{}, map[string]any{}, map[any]any{}, map[string]string{},
		map[int]any{}, map[int]string{}, map[int]int{}, map[int]int64{},
	} {
		gob.Register(value)
	}
}
