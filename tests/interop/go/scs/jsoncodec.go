package main

import (
	"bytes"
	"encoding/json"
	"time"
)

type document struct {
	Deadline int64                  `json:"deadline"`
	Values   map[string]interface{} `json:"values"`
}

// JSONCodec is for an scs.SessionManager that shares its sessions with sessio's codec `json`.
type JSONCodec struct{}

func (JSONCodec) Encode(deadline time.Time, values map[string]interface{}) ([]byte, error) {
	return json.Marshal(document{deadline.UnixMicro(), values})
}

func (JSONCodec) Decode(data []byte) (time.Time, map[string]interface{}, error) {
	var read document
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber() // or an int64 comes back as a float64, rounded
	err := decoder.Decode(&read)
	return time.UnixMicro(read.Deadline), read.Values, err
}
