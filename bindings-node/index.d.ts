/// <reference types="node" />
/// <reference lib="esnext.disposable" />

export * from './sessions'

/**
 * Why a call failed, and so what to do about it. The names are the same in every language.
 *
 * - `InvalidArgument`: the call itself is wrong; mend the program.
 * - `AlreadyExists`: a live session already has this token; make another token.
 * - `TooLarge`: the data is over the limit (`maxData`, the column, or the server's packet).
 * - `Full`: the memory store is at its cap (`maxSessions`, `maxBytes`).
 * - `Overloaded`: too much is waiting for the server already; try again later.
 * - `Timeout`: the deadline passed. A write may have happened or not.
 * - `Unavailable`: the server cannot be reached, refused the login, or went away.
 * - `Schema`: the table is missing or not of a known layout; run `migrate`, or name the right one.
 * - `Unsupported`: the table's layout cannot do this; the message says what would help.
 * - `Corrupt`: what is stored cannot be read.
 * - `Closed`: the store was closed.
 * - `Forked`: the process forked while this was in flight. Node itself never does that.
 * - `Internal`: a bug in sessio; please report it.
 */
export type ErrorCode =
  | 'InvalidArgument' | 'AlreadyExists' | 'TooLarge' | 'Full' | 'Overloaded' | 'Timeout'
  | 'Unavailable' | 'Schema' | 'Unsupported' | 'Corrupt' | 'Closed' | 'Forked' | 'Internal'

/**
 * What every call of sessio fails with; wrong types are `InvalidArgument`. Its message is for
 * people, may change, and never holds a token, a key, session data or a password.
 */
export class SessioError extends Error {
  private constructor ()
  /** What to act on. */
  readonly code: ErrorCode
  /** Whether the same call may succeed when it is simply made again a little later. */
  readonly retryable: boolean
  /** The server's error number, where a server said something. */
  readonly errno: number | null
  /** The server's SQLSTATE, where a server said something. */
  readonly sqlState: string | null
}

/**
 * What the table holds for a session: it comes with every listed one and is accepted wherever a
 * token is. It is as secret as the table, so neither `console.log` nor JSON shows its text.
 */
export class Key {
  #private
  /** From what `toString` gave. Text that is no key finds nothing. */
  constructor (text: string)
  /**
   * From an `id`, of this program or of one in another language. Never from what has come in the place of a
   * token: who has read a backup of the table knows all keys, so act on one only behind a check of who may.
   *
   * @throws SessioError `InvalidArgument` for any other text.
   */
  static parse (text: string): Key
  /**
   * The key as text that all languages read, for a page or a command that acts on a listed session later. No
   * verb takes it for a token.
   */
  readonly id: string
  /** What the table holds, to be kept where only you see it. */
  toString (): string
  equals (other: unknown): boolean
}

/** A session's bytes. Text is stored as UTF-8. */
export type Data = Uint8Array | string

/**
 * When a session ends: at a `Date`; in so many milliseconds **from now** (as `maxAge` of a cookie,
 * not as `Date.now()`; 1e12 and more are refused, because they are taken for that); or `null` for
 * never. An end in the past is allowed: the session is stored and invisible.
 */
export type Expires = Date | number | null

/**
 * A live session as it was stored: an object with these fields and a class of its own, so that
 * `console.log` shows how many bytes it has and when it ends, but neither data nor subject nor key.
 * JSON and `console.dir` do show them, and so does whatever copies the fields. Strict comparisons
 * with literals see the class as well; those of a copy, `{ ...record }`, do not.
 */
export interface SessionRecord {
  /** The bytes: a copy of your own. */
  data: Buffer
  /** When it ends, cut to whole milliseconds; `null` means never. */
  expiresAt: Date | null
  /** Whose session it is, where that was said. */
  subject: string | null
}

/** A listed session. */
export interface Entry extends SessionRecord {
  key: Key
}

/** A page of a list, in the order of the keys. */
export interface Page {
  entries: Entry[]
  /** What to pass as `after` for the next page; `null` when this was the last one. */
  next: Key | null
}

/** One thing that `check` noticed about the table. */
export interface CheckIssue {
  /** `advice`: it could be better. `hazard`: it can lose or expose sessions. `broken`: unusable. */
  severity: 'advice' | 'hazard' | 'broken'
  /** A stable name for programs. */
  code: string
  /** What is so, and what it can do to you. */
  message: string
  /** The statement or the call that mends it. */
  fix: string
}

/** Counters of one store since its first use. */
export interface Stats {
  /** Statements sent to the server, preparations included. */
  statements: number
  /** Batches that served more than one call. */
  batches: number
  /** Statements that were sent again after a deadlock or a lost connection. */
  retries: number
  /** Connections opened. */
  connections: number
  /** Rounds of the background cleanup. */
  cleanups: number
  /** Rounds of the background cleanup that failed. */
  cleanupErrors: number
  /** Expired sessions removed, in the background and by `deleteExpired`. */
  removed: number
  /** Sessions held in memory, expired ones included; 0 on MySQL. */
  sessions: number
  /** Bytes of their data; 0 on MySQL. */
  bytes: number
}

/** What every verb takes as its last argument. */
export interface Call {
  /**
   * Rejects with `signal.reason` when it is aborted. That ends the waiting, not the operation: a
   * write may still happen.
   */
  signal?: AbortSignal | undefined
}

export interface Write extends Call {
  /**
   * Whose session it is: 1 to 255 characters, no space at the end. Left out or `null` it stays as
   * it is; `''` takes it away.
   */
  subject?: string | null | undefined
}

export interface Row {
  token: string | Key
  data: Data
  expires: Expires
  subject?: string | null | undefined
}

/**
 * The settings of a store; they overrule what the URL says, where they have the same names with
 * underscores (`cleanup_interval`). A duration is a number of **milliseconds**, or text as in a
 * URL: with a unit (`'250ms'`, `'30s'`, `'5m'`, `'1h'`, `'7d'`), or without for seconds.
 */
export interface StoreOptions {
  /** The table's name; `sessions` by default. */
  table?: string | undefined
  /** Store a hash instead of the token; `true` by default. */
  hashTokens?: boolean | undefined
  /** For a beego table: `maxLifetime` (or `gclifetime`) of beego's configuration, as a duration. */
  maxLifetime?: number | string | undefined
  /** From one background cleanup to the next; `'5m'` by default, 0 for none. */
  cleanupInterval?: number | string | undefined
  /** Within which every operation is answered; `'5s'` by default. */
  timeout?: number | string | undefined
  /**
   * The most connections to the server, 1 to 64; 16 by default. They are opened when they are
   * needed and closed when they are idle.
   */
  connections?: number | undefined
  /** The most bytes of one session; 1 MiB by default. */
  maxData?: number | undefined
  /** The most sessions in memory; no limit by default. */
  maxSessions?: number | undefined
  /** The most bytes of session data in memory; no limit by default. */
  maxBytes?: number | undefined
  /** Whether and how the connection is encrypted; `off` by default. */
  tls?: 'off' | 'required' | 'verify-ca' | 'verify-identity' | undefined
  /** The file with the authorities' certificates. */
  ca?: string | undefined
  /** A PEM file with the certificate that the server asks this client for. */
  tlsCert?: string | undefined
  /** A PEM file with its private key. */
  tlsKey?: string | undefined
  /** Column names of a table that others made: `'token=sid,data=payload,expiry=ends_at,subject=user'`, any of them. */
  columns?: string | undefined
  /** Variables of the server that each connection sets: `'wsrep_sync_wait=7'`. */
  sessionVariables?: string | undefined
  /** With several hosts, start on any of them instead of the first; `false` by default. */
  spreadHosts?: boolean | undefined
  /** A clock for tests instead of the system's. */
  clock?: ManualClock | undefined
}

/** A clock for tests of expiry without waiting: time moves only by `advance`. */
export class ManualClock {
  #private
  constructor (start: Date)
  now (): Date
  /** Moves it forward by so many milliseconds. */
  advance (millis: number): void
}

/** A new token: 32 bytes from the operating system as 43 characters of base64url. */
export function generateToken (): string

/**
 * Sessions, in MySQL or in memory.
 *
 * Opening connects to nothing: the first operation does. Every operation is answered within the
 * `timeout` option, waiting and connecting included. An open store does not keep the process
 * alive, an operation on its way does. Each worker thread opens its own stores; a memory store is
 * the thread's that opened it.
 *
 * Every promise can be rejected with a `SessioError`. Any verb can fail with `InvalidArgument` and
 * `Closed`, and on MySQL with `Timeout`, `Unavailable`, `Overloaded` and `Schema`; what else is
 * said at the verb. Wherever a token is taken, a listed `Key` is as well. A token is any text; it
 * can be stored if it has 1 to 4096 bytes, or without `hashTokens` 1 to 43 ASCII characters and no
 * space at the end.
 */
export class Store {
  #private

  /**
   * `memory:`, `mysql://user:password@host:3306/database?table=sessions`, the same with several
   * hosts (`a:3306,b:3306`, tried in this order), a Go DSN
   * (`user:password@tcp(host:3306)/database`), or the JSON that a beego program gives to
   * `NewManager`: then the table and its lifetimes are beego's, and so are the defaults of the
   * store's managers, cookie and all.
   *
   * @throws SessioError `InvalidArgument` when the URL or an option is not understood.
   */
  constructor (url: string, options?: StoreOptions)

  /** Where the store is, without login: `memory:` or `mysql://host:3306/database`. */
  readonly location: string

  /** The live session, or `null`: absent, expired and malformed tokens are all `null`. */
  find (token: string | Key, options?: Call): Promise<SessionRecord | null>

  /** Whether a live session has the token. */
  exists (token: string | Key, options?: Call): Promise<boolean>

  /**
   * Stores a session, whatever was there before. Over a session that was just logged out this
   * brings it back: use `update` or `replace` for what was loaded.
   *
   * Fails with `TooLarge`, with `Full` in memory, and with `Unsupported` for a subject where the
   * table has no column for it; so do the other writes.
   */
  save (token: string | Key, data: Data, expires: Expires, options?: Write): Promise<void>

  /**
   * Stores a session only if no live one has the token; an expired one is replaced.
   *
   * Fails with `AlreadyExists`.
   */
  insert (token: string | Key, data: Data, expires: Expires, options?: Write): Promise<void>

  /**
   * Changes a live session. `false`, and nothing written, when it is gone: a session that was
   * ended is never brought back.
   */
  update (token: string | Key, data: Data, expires: Expires, options?: Write): Promise<boolean>

  /** Changes a live session only if its data is still `expected`: compare and swap. */
  replace (
    token: string | Key, expected: Data, data: Data, expires: Expires, options?: Write
  ): Promise<'saved' | 'conflict' | 'gone'>

  /** Moves the end of a live session and leaves its data alone. `false` when it is gone. */
  touch (token: string | Key, expires: Expires, options?: Call): Promise<boolean>

  /**
   * Gives a live session another token, and new content if it is given, in one step: never are
   * both tokens valid, and never neither. `false` when it is gone.
   *
   * Fails with `AlreadyExists` when a live session has the new token.
   */
  rename (oldToken: string | Key, newToken: string | Key, options?: Call): Promise<boolean>
  rename (
    oldToken: string | Key, newToken: string | Key, content: Write & { data: Data, expires: Expires }
  ): Promise<boolean>

  /** Ends a session. Whether there was a live one; none is no error. */
  delete (token: string | Key, options?: Call): Promise<boolean>

  /** `find` for up to 10,000 at once; the records are in the order asked. */
  findMany (
    tokens: ReadonlyArray<string | Key>, options?: Call
  ): Promise<Array<SessionRecord | null>>

  /**
   * `save` for up to 10,000 at once. All are checked before any is written; each is written on its
   * own, so after an error some may be saved.
   */
  saveMany (rows: readonly Row[], options?: Call): Promise<void>

  /** `delete` for up to 10,000 at once: how many were live. */
  deleteMany (tokens: ReadonlyArray<string | Key>, options?: Call): Promise<number>

  /**
   * Ends all sessions of the table, in slices: how many were live. What is stored while this runs may stay.
   */
  clear (options?: Call): Promise<number>

  /** How many sessions are live. Reads the expiry index of the whole table. */
  count (options?: Call): Promise<number>

  /** A page of 1 to 1,000 live sessions in the order of their keys, after the given one. */
  list (limit: number, options?: Call & { after?: Key | null | undefined }): Promise<Page>

  /** The same for the sessions of one subject: a user's devices. May fail with `Unsupported`. */
  listSubject (
    subject: string, limit: number, options?: Call & { after?: Key | null | undefined }
  ): Promise<Page>

  /**
   * Ends all sessions of a subject, but for `keep`: how many were live. What the subject opens
   * while this runs may stay. May fail with `Unsupported`.
   */
  deleteSubject (
    subject: string, options?: Call & { keep?: string | Key | null | undefined }
  ): Promise<number>

  /** Removes up to `limit` (1 to 100,000) expired sessions: how many it removed. */
  deleteExpired (limit: number, options?: Call): Promise<number>

  /**
   * Creates the table, or upgrades it. Changes nothing where it is up to date.
   *
   * Rejects with `Schema` for a table of no known layout, and with `Unsupported` for one that
   * another library made: see `migrateFrom`.
   */
  migrate (options?: Call): Promise<void>

  /**
   * Makes a live table of another library (`'scs'`) one of sessio's, in place.
   *
   * No session is lost, and Go goes on using the table. It takes the time that copying the table
   * takes, during which writers wait and readers do not; the store's timeout does not apply. Rejects
   * with `Schema` for a table of no known layout, and with `Unsupported` where it cannot be upgraded.
   */
  migrateFrom (library: 'scs', options?: Call): Promise<void>

  /** What is wrong with the table; empty when nothing is. */
  check (options?: Call): Promise<CheckIssue[]>

  /** Reaches the server and comes back. */
  ping (options?: Call): Promise<void>

  /**
   * Ends the background cleanup of this store and waits for a round that is running. Idempotent;
   * nothing starts it again.
   */
  stopCleanup (options?: Call): Promise<void>

  /** What this store has done so far. */
  stats (options?: Call): Promise<Stats>

  /**
   * Refuses new operations, finishes those in flight, and lets go of connections and memory.
   * Idempotent; takes at most the `timeout` option.
   */
  close (): Promise<void>

  /** `close`, for `await using`. */
  [Symbol.asyncDispose] (): Promise<void>
}
