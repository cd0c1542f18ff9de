package main

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"math/rand/v2"
	"reflect"
	"time"

	"github.com/alexedwards/scs/v2"
)

// random sends so many sessions through: as they are, and with all values changed and changed back.
func random(program string, count int, seed uint64) error {
	for _, mode := range []string{"keep", "rewrite"} {
		pipes, err := open(program, mode)
		if err != nil {
			return err
		}
		for number := range count {
			// Each session has a seed of its own, so that a bad one can be made again by itself.
			maker := maker{rand.New(rand.NewPCG(seed, uint64(number)))}
			kind, blob, err := maker.session()
			for err != nil {
				// There are values that gob cannot send, such as lists with a nil pointer.
				kind, blob, err = maker.session()
			}
			if err := pipes[kind].compare(blob); err != nil {
				return fmt.Errorf("seed %d, number %d, %s, %s: %w", seed, number, kind, mode, err)
			}
		}
		if err := shut(pipes); err != nil {
			return err
		}
	}
	fmt.Printf("gobcheck: %d random sessions, equal for Go, each kept, and each changed and changed back\n", count)
	return nil
}

// A maker makes random sessions.
type maker struct{ *rand.Rand }

func (m maker) session() (kind string, blob []byte, err error) {
	count := 1 + m.IntN(3)
	if m.IntN(2) == 0 {
		values := map[string]any{}
		for range count {
			values[m.text()] = m.any(4)
		}
		deadline := time.Unix(m.Int64N(1<<32), m.Int64N(1e9)).In(m.zone())
		blob, err = scs.GobCodec{}.Encode(deadline, values)
		return "scs", blob, err
	}
	values := map[any]any{}
	for range count {
		keys := []any{m.text(), m.IntN(100), Role(m.IntN(100)), Title(m.text()), 1.5, m.IntN(2) == 0}
		values[keys[m.IntN(len(keys))]] = m.any(4)
	}
	var out bytes.Buffer
	err = gob.NewEncoder(&out).Encode(values)
	return "beego", out.Bytes(), err
}

func (m maker) text() string {
	letters := []rune("abcäß世\x00\"$ ")
	text := make([]rune, m.IntN(6))
	for at := range text {
		text[at] = letters[m.IntN(len(letters))]
	}
	return string(text)
}

func (m maker) zone() *time.Location {
	return []*time.Location{time.UTC, time.FixedZone("", 7200), time.FixedZone("", -3601)}[m.IntN(3)]
}

var declared = []reflect.Type{
	reflect.TypeFor[Role](), reflect.TypeFor[Title](), reflect.TypeFor[Titles](),
	reflect.TypeFor[Ratio](), reflect.TypeFor[User](), reflect.TypeFor[Everything](),
	reflect.TypeFor[*Tree](), reflect.TypeFor[Empty](), reflect.TypeFor[Sealed](),
	reflect.TypeFor[Binary](), reflect.TypeFor[time.Time](),
}

var basic = []reflect.Type{
	reflect.TypeFor[bool](), reflect.TypeFor[int](), reflect.TypeFor[int8](),
	reflect.TypeFor[int16](), reflect.TypeFor[int32](), reflect.TypeFor[int64](),
	reflect.TypeFor[uint](), reflect.TypeFor[uint8](), reflect.TypeFor[uint16](),
	reflect.TypeFor[uint32](), reflect.TypeFor[uint64](), reflect.TypeFor[uintptr](),
	reflect.TypeFor[float32](), reflect.TypeFor[float64](), reflect.TypeFor[complex64](),
	reflect.TypeFor[complex128](), reflect.TypeFor[string](),
}

var keys = append([]reflect.Type{
	reflect.TypeFor[Role](), reflect.TypeFor[Title](), reflect.TypeFor[[2]int8](),
	reflect.TypeFor[any](),
}, basic...)

// any is a value of a type that is registered, or nil.
func (m maker) any(depth int) any {
	if m.IntN(12) == 0 {
		return nil
	}
	of := m.kind(depth)
	if of == reflect.TypeFor[any]() {
		return m.any(depth - 1)
	}
	value := m.value(of, depth)
	// What is registered twice is the same.
	gob.Register(reflect.Zero(of).Interface())
	return value.Interface()
}

// kind is a random type.
func (m maker) kind(depth int) reflect.Type {
	choice := m.IntN(10)
	switch {
	case depth <= 0 || choice < 3:
		return basic[m.IntN(len(basic))]
	case choice < 5:
		return declared[m.IntN(len(declared))]
	case choice == 5:
		return reflect.TypeFor[any]()
	case choice == 6:
		return reflect.ArrayOf(m.IntN(4), m.kind(depth-1))
	case choice == 7:
		return reflect.MapOf(keys[m.IntN(len(keys))], m.kind(depth-1))
	}
	return reflect.SliceOf(m.kind(depth - 1))
}

// value is a random value of the type; zero now and then, because gob leaves that out.
func (m maker) value(of reflect.Type, depth int) reflect.Value {
	value := reflect.New(of).Elem()
	if m.IntN(6) == 0 && of.Kind() != reflect.Pointer {
		return value
	}
	switch of {
	case reflect.TypeFor[time.Time]():
		// Whole microseconds in UTC, which is what other languages keep.
		value.Set(reflect.ValueOf(time.UnixMicro(m.Int64N(1 << 52)).UTC()))
		return value
	case reflect.TypeFor[Sealed]():
		value.Set(reflect.ValueOf(Sealed{m.text()}))
		return value
	case reflect.TypeFor[Binary]():
		value.Set(reflect.ValueOf(Binary{m.text()}))
		return value
	}
	m.fill(value, depth)
	return value
}

func (m maker) fill(value reflect.Value, depth int) {
	of := value.Type()
	switch of.Kind() {
	case reflect.Bool:
		value.SetBool(m.IntN(2) == 0)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		value.SetInt(int64(m.Uint64()) >> (64 - of.Bits()) >> m.IntN(of.Bits()))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		value.SetUint(m.Uint64() >> (64 - of.Bits()) >> m.IntN(of.Bits()))
	case reflect.Float32, reflect.Float64:
		value.SetFloat(m.NormFloat64())
	case reflect.Complex64, reflect.Complex128:
		value.SetComplex(complex(m.NormFloat64(), m.NormFloat64()))
	case reflect.String:
		text := m.text()
		if m.IntN(8) == 0 {
			// Go's strings need not be UTF-8.
			text += "\xff"
		}
		value.SetString(text)
	case reflect.Slice:
		// A type that has slices of itself must come to an end.
		value.Set(reflect.MakeSlice(of, m.IntN(4)*min(1, max(0, depth)), 4))
		m.elements(value, depth)
	case reflect.Array:
		m.elements(value, depth)
	case reflect.Map:
		value.Set(reflect.MakeMap(of))
		for range m.IntN(4) {
			key := m.value(of.Key(), 0)
			if of.Key().Kind() == reflect.Interface && !key.IsNil() && !key.Elem().Comparable() {
				continue
			}
			value.SetMapIndex(key, m.value(of.Elem(), depth-1))
		}
	case reflect.Struct:
		for at := range of.NumField() {
			if of.Field(at).IsExported() {
				value.Field(at).Set(m.value(of.Field(at).Type, depth-1))
			}
		}
	case reflect.Pointer:
		// Nothing that gob sends is nil by itself.
		if depth > 0 {
			value.Set(reflect.New(of.Elem()))
			m.fill(value.Elem(), depth-1)
		}
	case reflect.Interface:
		if found := m.any(depth - 1); found != nil {
			value.Set(reflect.ValueOf(found))
		}
	}
}

func (m maker) elements(value reflect.Value, depth int) {
	for at := range value.Len() {
		value.Index(at).Set(m.value(value.Type().Elem(), depth-1))
	}
}
