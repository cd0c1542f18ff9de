// Package wire is how the tests talk to Go programs: values that carry their Go type, and one way
// to ask a session.
package wire

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"time"
)

// Account is a struct as programs keep in their sessions. Its name on gob's wire has the path of
// this package.
type Account struct {
	ID    int64
	Email string
	Tags  []string
	Score float32
}

// Value is a Go value with its type as %T prints it, all the way down. What is no text, list or map
// is text that loses nothing: numbers in decimal, bytes in hex, times as unix nanoseconds.
type Value struct {
	Type  string `json:"type"`
	Value any    `json:"value"`
}

// Of tells what a value is.
func Of(value any) Value {
	if value == nil {
		return Value{Type: "nil"}
	}
	return Value{fmt.Sprintf("%T", value), content(reflect.ValueOf(value))}
}

func content(value reflect.Value) any {
	switch known := value.Interface().(type) {
	case time.Time:
		return strconv.FormatInt(known.UnixNano(), 10)
	case []byte:
		return hex.EncodeToString(known)
	}
	switch value.Kind() {
	case reflect.Float32, reflect.Float64:
		return strconv.FormatFloat(value.Float(), 'g', -1, 64)
	case reflect.Slice:
		parts := make([]Value, value.Len())
		for index := range parts {
			parts[index] = Of(value.Index(index).Interface())
		}
		return parts
	case reflect.Map:
		parts := map[string]Value{}
		for _, key := range value.MapKeys() {
			parts[fmt.Sprint(key.Interface())] = Of(value.MapIndex(key).Interface())
		}
		return parts
	case reflect.Struct:
		parts := map[string]Value{}
		for index := 0; index < value.NumField(); index++ {
			parts[value.Type().Field(index).Name] = Of(value.Field(index).Interface())
		}
		return parts
	default:
		return fmt.Sprint(value.Interface())
	}
}

// Written is a value in a request: its content is read when its type is known.
type Written struct {
	Type  string          `json:"type"`
	Value json.RawMessage `json:"value"`
}

// Make gives the Go value.
func (written Written) Make() (any, error) {
	switch written.Type {
	case "nil":
		return nil, nil
	case "[]interface {}":
		return list(written.Value)
	case "map[string]interface {}":
		return fields(written.Value)
	case "[]string":
		return parts[[]string](written.Value)
	case "map[string]string":
		return parts[map[string]string](written.Value)
	case "wire.Account":
		return parts[Account](written.Value)
	}
	text, err := parts[string](written.Value)
	if err != nil {
		return nil, err
	}
	return scalar(written.Type, text)
}

func parts[T any](raw json.RawMessage) (T, error) {
	var made T
	err := json.Unmarshal(raw, &made)
	return made, err
}

func list(raw json.RawMessage) (any, error) {
	written, err := parts[[]Written](raw)
	made := make([]any, len(written))
	for index := range written {
		if err == nil {
			made[index], err = written[index].Make()
		}
	}
	return made, err
}

func fields(raw json.RawMessage) (any, error) {
	written, err := parts[map[string]Written](raw)
	made := make(map[string]any, len(written))
	for key := range written {
		if err == nil {
			made[key], err = written[key].Make()
		}
	}
	return made, err
}

func scalar(name, text string) (any, error) {
	switch name {
	case "string":
		return text, nil
	case "bool":
		return strconv.ParseBool(text)
	case "int":
		return strconv.Atoi(text)
	case "int64":
		return strconv.ParseInt(text, 10, 64)
	case "int32":
		number, err := strconv.ParseInt(text, 10, 32)
		return int32(number), err
	case "uint8":
		number, err := strconv.ParseUint(text, 10, 8)
		return uint8(number), err
	case "uint64":
		return strconv.ParseUint(text, 10, 64)
	case "float64":
		return strconv.ParseFloat(text, 64)
	case "float32":
		number, err := strconv.ParseFloat(text, 32)
		return float32(number), err
	case "[]uint8":
		return hex.DecodeString(text)
	case "time.Time":
		at, err := strconv.ParseInt(text, 10, 64)
		return time.Unix(0, at).UTC(), err
	}
	return nil, fmt.Errorf("there is no Go type %q here", name)
}
