'use strict'
// Reads the answers of the native part back: src/tray.rs says how they are written.

const { Spelled, setOwn } = require('./decode')
const { SessioError } = require('./error')
const { Key } = require('./key')
const { Entry, CommitResult, SessionRecord } = require('./record')

// What the answers of some 150 ordinary finds take. Larger ones are given a tray of their own.
const SIZE = 64 * 1024

// The tags of src/tray.rs, in its order.
const DONE = 0
const FALSE = 1
const TRUE = 2
const NONE = 3
const RECORD = 4
const RECORDS = 5
const TEXT = 6
const NUMBER = 7
const PAGE = 8
const CHECK_ISSUES = 9
const STATS = 10
const FAILED = 11
const BIG_INT = 12
const DATE = 13
const BYTES = 14
const JSON_TEXT = 15
const VALUES = 16
const TEXTS = 17
const KEY = 18
const COMMIT_RESULT = 19
const SESSIONS = 20
const EVENT = 21

let bytes, view, numbers

// Where reading goes on, in words of 8 bytes, which is what everything starts at.
let word = 0

// Read from this ArrayBuffer. It never leaves this package, so nobody can transfer it away.
function use (memory) {
  bytes = Buffer.from(memory)
  view = new Uint8Array(memory)
  numbers = new Float64Array(memory)
}

function start () {
  word = 0
}

function number () {
  return numbers[word++]
}

function flag () {
  return number() === TRUE
}

// Steps over so many bytes, and says where they begin.
function skip (size) {
  const begin = word * 8
  word += Math.ceil(size / 8)
  return begin
}

function text () {
  const size = number()
  if (size < 0) return null
  const begin = skip(size)
  return bytes.toString('utf8', begin, begin + size)
}

// A copy: the tray is used again. Small ones share memory as all of Node's small Buffers do.
function data () {
  const size = number()
  const begin = skip(size)
  const copy = Buffer.allocUnsafe(size)
  copy.set(view.subarray(begin, begin + size))
  return copy
}

// "Never" is written as NaN.
function date () {
  const millis = number()
  return Number.isNaN(millis) ? null : new Date(millis)
}

function record () {
  const expiresAt = date()
  return new SessionRecord(data(), expiresAt, text())
}

function entry () {
  const key = new Key(text())
  const expiresAt = date()
  return new Entry(key, data(), expiresAt, text())
}

function list (item) {
  const length = number()
  const items = new Array(length)
  for (let index = 0; index < length; index++) items[index] = item()
  return items
}

function page () {
  const next = text()
  return { entries: list(entry), next: next === null ? null : new Key(next) }
}

function issue () {
  return { severity: text(), code: text(), message: text(), fix: text() }
}

function stats () {
  const camel = (name) => name.replace(/_(.)/g, (_, letter) => letter.toUpperCase())
  return Object.fromEntries(list(() => [camel(text()), number()]))
}

function values () {
  const values = {}
  for (let left = number(); left > 0; left--) setOwn(values, text(), read())
  return values
}

function commitResult () {
  const [outcome, token, expiresAt, setCookie] = [text(), text(), date(), text()]
  const [carried, wasRead] = [number(), flag()]
  const headers = list(() => [text(), text()])
  const cookie = flag() ? cookieParts() : null
  return new CommitResult({ outcome, token, expiresAt, setCookie, cookie, headers, wasRead }, carried)
}

function cookieParts () {
  const [name, value, path, domain, expires, seconds] = [text(), text(), text(), text(), date(), number()]
  const maxAge = Number.isNaN(seconds) ? null : seconds * 1000
  return { name, value, path, domain, expires, maxAge, secure: flag(), httpOnly: flag(), sameSite: text(), partitioned: flag() }
}

// Of a page of sessions their numbers.
function sessions () {
  const next = text()
  return { sessions: list(number), next: next === null ? null : new Key(next) }
}

// The manager's identity, and what happened.
function event () {
  return [number(), text()]
}

function failure () {
  const code = text()
  const message = text()
  const retryable = flag()
  const errno = number()
  return new SessioError(code, message, {
    retryable, errno: Number.isNaN(errno) ? null : errno, sqlState: text()
  })
}

// The next answer; throws it if it is an error.
function read () {
  switch (number()) {
    case RECORD: return record()
    case NONE: return null
    case DONE: return undefined
    case FALSE: return false
    case TRUE: return true
    case TEXT: return text()
    case NUMBER: return number()
    case RECORDS: return list(read)
    case PAGE: return page()
    case CHECK_ISSUES: return list(issue)
    case STATS: return stats()
    case FAILED: throw failure()
    case COMMIT_RESULT: return result()
    case JSON_TEXT: return new Spelled(text())
    case VALUES: return values()
    case TEXTS: return list(text)
    case DATE: return date()
    case BYTES: return data()
    case BIG_INT: return BigInt(text())
    case KEY: return new Key(text())
    case SESSIONS: return sessions()
    case EVENT: return event()
    default: throw new SessioError('Internal', 'lib/answers.js does not fit the native part')
  }
}

module.exports = { SIZE, use, start, read, number }
