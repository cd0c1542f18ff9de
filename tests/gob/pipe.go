package main

import (
	"bytes"
	"encoding/binary"
	"encoding/gob"
	"fmt"
	"io"
	"os"
	"os/exec"
	"reflect"
	"time"

	"github.com/alexedwards/scs/v2"
)

// The key that the pipe puts.
const added = "added by sessio"

// A pipe is sessio with one of the codecs.
type pipe struct {
	command *exec.Cmd
	in      io.WriteCloser
	out     io.Reader
	decode  func([]byte) (session, error)
}

// A session is what Go has decoded. beego's has no deadline.
type session struct {
	deadline time.Time
	values   map[any]any
}

// open starts a pipe for each kind of session, by the first word of a vector's name.
func open(program, mode string) (map[string]*pipe, error) {
	pipes := map[string]*pipe{"scs": {decode: decodeSCS}, "beego": {decode: decodeBeego}}
	codecs := map[string]string{"scs": "gob", "beego": "beego"}
	for kind, pipe := range pipes {
		pipe.command = exec.Command(program, codecs[kind], mode)
		pipe.command.Stderr = os.Stderr
		var err error
		if pipe.in, err = pipe.command.StdinPipe(); err != nil {
			return nil, err
		}
		if pipe.out, err = pipe.command.StdoutPipe(); err != nil {
			return nil, err
		}
		if err = pipe.command.Start(); err != nil {
			return nil, err
		}
	}
	return pipes, nil
}

func shut(pipes map[string]*pipe) error {
	for kind, pipe := range pipes {
		pipe.in.Close()
		if err := pipe.command.Wait(); err != nil {
			return fmt.Errorf("sessio's side for %s: %w", kind, err)
		}
	}
	return nil
}

// through is what sessio makes of what Go has stored.
func (p *pipe) through(blob []byte) ([]byte, error) {
	frame := binary.BigEndian.AppendUint32(nil, uint32(len(blob)))
	if _, err := p.in.Write(append(frame, blob...)); err != nil {
		return nil, err
	}
	var length uint32
	if err := binary.Read(p.out, binary.BigEndian, &length); err != nil {
		return nil, err
	}
	written := make([]byte, length)
	_, err := io.ReadFull(p.out, written)
	return written, err
}

func (p *pipe) compare(blob []byte) error {
	written, err := p.through(blob)
	if err != nil {
		return err
	}
	before, err := p.decode(blob)
	if err != nil {
		return fmt.Errorf("Go cannot read its own: %w", err)
	}
	after, err := p.decode(written)
	if err != nil {
		return fmt.Errorf("Go cannot read sessio's: %w\nfrom %x\nto   %x", err, blob, written)
	}
	if after.values[added] != true {
		return fmt.Errorf("sessio's value is not there, in %x", written)
	}
	delete(after.values, added)
	// What has no deadline gets one, of a session that never ends.
	if !before.deadline.IsZero() && !before.deadline.Equal(after.deadline) {
		return fmt.Errorf("the deadline was %v, and is %v", before.deadline, after.deadline)
	}
	if !reflect.DeepEqual(before.values, after.values) {
		return fmt.Errorf("the values differ:\nfrom %#v %x\nto   %#v %x",
			before.values, blob, after.values, written)
	}
	return nil
}

func decodeSCS(blob []byte) (session, error) {
	deadline, values, err := scs.GobCodec{}.Decode(blob)
	found := session{deadline, map[any]any{}}
	for key, value := range values {
		found.values[key] = value
	}
	return found, err
}

// decodeBeego does what beego's DecodeGob does, which is all that gob does.
func decodeBeego(blob []byte) (session, error) {
	found := session{values: map[any]any{}}
	err := gob.NewDecoder(bytes.NewReader(blob)).Decode(&found.values)
	return found, err
}
