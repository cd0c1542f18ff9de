'use strict'
// Decodes the responses of the native part: src/encode.rs says how they are written.

const { JsonText, setOwn } = require('./decode')
const { SessioError } = require('./error')
const { Key } = require('./key')
const addon = require('./native')
const { Entry, CommitResult, SessionRecord } = require('./record')

// Enough for the responses of some 150 ordinary finds. A larger response gets a buffer of its own.
const BUFFER_SIZE = 64 * 1024

// The tags are declared in src/encode.rs alone. Here each gets its number by its name.
const tags = addon.tags()

function tag (name) {
  const number = tags.indexOf(name)
  if (number < 0) throw new Error(`sessio: the native part has no tag ${name}: it is of another version`)
  return number
}

const DONE = tag('Done')
const FALSE = tag('False')
const TRUE = tag('True')
const NONE = tag('None')
const RECORD = tag('Record')
const RECORDS = tag('Records')
const TEXT = tag('Text')
const NUMBER = tag('Number')
const PAGE = tag('Page')
const CHECK_ISSUES = tag('CheckIssues')
const STATS = tag('Stats')
const FAILED = tag('Failed')
const BIG_INT = tag('BigInt')
const DATE = tag('Date')
const BYTES = tag('Bytes')
const JSON_TEXT = tag('Json')
const VALUES = tag('Values')
const TEXTS = tag('Texts')
const KEY = tag('Key')
const COMMIT_RESULT = tag('CommitResult')
const SESSIONS = tag('Sessions')
const EVENT = tag('Event')

let bytes, view, numbers

// The position, in words of 8 bytes: every item starts at one.
let word = 0

// Reads from this ArrayBuffer from now on. It never leaves this package, so no program can transfer it.
function use (buffer) {
  bytes = Buffer.from(buffer)
  view = new Uint8Array(buffer)
  numbers = new Float64Array(buffer)
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

// Skips so many bytes: where they begin.
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

// A copy, because the buffer is reused. Small copies come from the pool of Node's Buffers.
function data () {
  const size = number()
  const begin = skip(size)
  const copy = Buffer.allocUnsafe(size)
  copy.set(view.subarray(begin, begin + size))
  return copy
}

// NaN means never.
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

// The sessions of a page are their numbers.
function sessions () {
  const next = text()
  return { sessions: list(number), next: next === null ? null : new Key(next) }
}

// The manager's identity, and the event's name.
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

// The next response; throws it if it is an error.
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
    case COMMIT_RESULT: return commitResult()
    case JSON_TEXT: return new JsonText(text())
    case VALUES: return values()
    case TEXTS: return list(text)
    case DATE: return date()
    case BYTES: return data()
    case BIG_INT: return BigInt(text())
    case KEY: return new Key(text())
    case SESSIONS: return sessions()
    case EVENT: return event()
    default: throw new SessioError('Internal', 'lib/answers.js cannot read this response; please report it')
  }
}

module.exports = { BUFFER_SIZE, use, start, read, number }
