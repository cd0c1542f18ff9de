/// <reference types="node" />
/// <reference lib="esnext.disposable" />

export * from './sessions'

/**
 * Why a call failed, and what to do. The names are the same in every language.
 *
 * - `InvalidArgument`: an argument or option is wrong: fix the program.
 * - `AlreadyExists`: a live session already has this token: generate another one.
 * - `TooLarge`: the data is larger than `maxData`, the column or the server's packet: store less.
 * - `Full`: the memory store has reached `maxSessions` or `maxBytes`.
 * - `Overloaded`: too many calls wait for the server: try again later.
 * - `Timeout`: the store's `timeout` has passed. A write may or may not have happened.
 * - `Unavailable`: the server cannot be reached, refused the login, or closed the connection.
 * - `Schema`: the table is missing or its layout is unknown: run `migrate`, or fix the option `table`.
 * - `Unsupported`: the layout of the table does not allow this; the message says what would help.
 * - `Corrupt`: the stored data cannot be decoded.
 * - `Closed`: the store is closed.
 * - `Forked`: the process forked during the call. Node itself never forks: `cluster` and `child_process`
 *   start new processes.
 * - `Internal`: a bug in sessio: please report it.
 */
export type ErrorCode =
  | 'InvalidArgument' | 'AlreadyExists' | 'TooLarge' | 'Full' | 'Overloaded' | 'Timeout'
  | 'Unavailable' | 'Schema' | 'Unsupported' | 'Corrupt' | 'Closed' | 'Forked' | 'Internal'

/**
 * The error of every failed call, wrong argument types included. The message is for people and may change.
 * It never contains a token, a key, session data or a password.
 */
export class SessioError extends Error {
  private constructor ()
  /** The kind of the failure, for programs. */
  readonly code: ErrorCode
  /** Whether the same call may succeed if it is made again a little later. */
  readonly retryable: boolean
  /** The error number of the server; `null` if the error does not come from a server. */
  readonly errno: number | null
  /** The SQLSTATE of the server; `null` if the error does not come from a server. */
  readonly sqlState: string | null
}

/**
 * What the table has for a session instead of its token. Listed sessions have a key, and every method that
 * takes a token takes a key as well. A key is as secret as the table: `console.log` and JSON do not show it.
 */
export class Key {
  #private
  /**
   * From the text of `toString`. Other text makes a key that no session has.
   *
   * @throws SessioError `InvalidArgument` if `text` is not a string.
   */
  constructor (text: string)
  /**
   * From an `id` that this program or one in another language has made. Never pass what a client sent in
   * place of a token: a person who has read a backup of the table knows all keys. Accept an `id` only
   * behind a check of permissions.
   *
   * @throws SessioError `InvalidArgument` for any other text.
   */
  static parse (text: string): Key
  /**
   * The key as text that all languages read, for a page or a command that acts on a listed session later.
   * No method takes it for a token.
   */
  readonly id: string
  /** The text in the table. Keep it where only administrators see it. */
  toString (): string
  /** Whether `other` is the same key. */
  equals (other: unknown): boolean
}

/** The data of a session: bytes, or text, which is stored as UTF-8. */
export type Data = Uint8Array | string

/**
 * When a session expires: at a `Date`; in so many milliseconds **from now**, as Express's `maxAge`; or
 * never, as `null`. A number of 1e12 or more is refused, because it is most likely `Date.now() + …`. A time
 * in the past is allowed: the session is stored, and no read finds it.
 */
export type Expires = Date | number | null

/**
 * A live session as it is stored. `console.log` shows its size and expiry, but not data, subject or key;
 * `JSON.stringify` and copies such as `{ ...record }` contain them. It is an instance of a class, so
 * `assert.deepStrictEqual` with an object literal needs a copy.
 */
export interface SessionRecord {
  /** The data: a copy that the program may change. */
  data: Buffer
  /** When it expires, rounded down to milliseconds; `null` means never. */
  expiresAt: Date | null
  /** Whose session it is; `null` if that was not set. */
  subject: string | null
}

/** A listed session. */
export interface Entry extends SessionRecord {
  /** What names this session in other calls, in the place of its token. */
  key: Key
}

/** A page of a list, ordered by key. */
export interface Page {
  entries: Entry[]
  /** Pass it as `after` for the next page; `null` after the last page. */
  next: Key | null
}

/** A problem of the table that `check` has found. */
export interface CheckIssue {
  /** `advice`: could be better. `hazard`: sessions can be lost or exposed. `broken`: unusable. */
  severity: 'advice' | 'hazard' | 'broken'
  /** A stable name for programs. */
  code: string
  /** The problem and its consequences. */
  message: string
  /** The SQL statement or the call that fixes it. */
  fix: string
}

/** Counters of one store since it was opened. */
export interface Stats {
  /** Statements sent to the server, including `PREPARE`. */
  statements: number
  /** Batches that served more than one call. */
  batches: number
  /** Statements that were repeated after a deadlock or a lost connection. */
  retries: number
  /** Connections opened. */
  connections: number
  /** Runs of the background cleanup. */
  cleanups: number
  /** Runs of the background cleanup that failed. */
  cleanupErrors: number
  /** Expired sessions removed, in the background and by `deleteExpired`. */
  removed: number
  /** Sessions in memory, including expired ones; 0 on MySQL. */
  sessions: number
  /** Bytes of their data; 0 on MySQL. */
  bytes: number
}

/** The options that every method takes as its last argument. */
export interface Call {
  /**
   * Rejects the promise with `signal.reason` when the signal is aborted. This ends the waiting, not the
   * operation: a write may still happen. If the signal is aborted already, the operation does not start.
   */
  signal?: AbortSignal | undefined
}

/** The options of methods that write a session. */
export interface Write extends Call {
  /**
   * Whose session it is: 1 to 255 characters, no space at the end. Omitted or `null`, it stays as it is;
   * `''` removes it.
   */
  subject?: string | null | undefined
}

/** A session to save with `saveMany`. */
export interface Row {
  token: string | Key
  data: Data
  expires: Expires
  subject?: string | null | undefined
}

/**
 * The options of a store. They take precedence over those in the URL, which have underscores there
 * (`cleanup_interval`). A duration is a number of **milliseconds**, or text as in a URL: with a unit
 * (`'250ms'`, `'30s'`, `'5m'`, `'1h'`, `'7d'`, `'2w'`), or without one, which means seconds. An unknown
 * option or a wrong value is `InvalidArgument`.
 */
export interface StoreOptions {
  // Made by `cargo xtask gen` from `api/options.toml`: change that.
  /** The table's name. Default: `'sessions'`. */
  table?: string | undefined
  /**
   * Whether the table keeps a hash of the token instead of the token: `false` for tables that hold
   * plain tokens, as with `maxLifetime`. Default: `true`.
   */
  hashTokens?: boolean | undefined
  /**
   * For a beego table, which has to be told: `maxLifetime` (or `gclifetime`) of beego's
   * configuration, a whole number of seconds.
   */
  maxLifetime?: number | string | undefined
  /**
   * The time from one background cleanup to the next, more or less. 0 for none. Default: `'5m'`.
   */
  cleanupInterval?: number | string | undefined
  /**
   * The time within which every call is answered, waiting and connecting included. Default: `'5s'`.
   */
  timeout?: number | string | undefined
  /**
   * The most connections to the server, 1 to 64: opened when they are needed, closed when they are
   * idle. Default: `16`.
   */
  connections?: number | undefined
  /** The most bytes of one session. Default: `1048576`. */
  maxData?: number | undefined
  /** The most sessions in memory. */
  maxSessions?: number | undefined
  /** The most bytes of session data in memory. */
  maxBytes?: number | undefined
  /**
   * Whether connections are encrypted, and what is verified of the server's certificate. Default:
   * `'off'`.
   */
  tls?: 'off' | 'required' | 'verify-ca' | 'verify-identity' | undefined
  /** A PEM file with the authorities to trust; without it, the usual public ones. */
  ca?: string | undefined
  /** A PEM file with the certificate that the server asks this client for. Needs `tlsKey`. */
  tlsCert?: string | undefined
  /** A PEM file with the private key of `tlsCert`, without a passphrase. */
  tlsKey?: string | undefined
  /**
   * The column names of a table that others made:
   * `token=sid,data=payload,expiry=ends_at,subject=user`, any of them.
   */
  columns?: string | undefined
  /**
   * Variables of the server that each connection sets:
   * `wsrep_sync_wait=7,innodb_lock_wait_timeout=2`.
   */
  sessionVariables?: string | undefined
  /**
   * With several hosts, whether to start on any of them instead of the first. Default: `false`.
   */
  spreadHosts?: boolean | undefined
  // The end of what `cargo xtask gen` makes.
  /** A clock for tests, in place of the system's. */
  clock?: ManualClock | undefined
}

/** A clock for tests of expiry: its time changes only by `advance`. It belongs to its thread. */
export class ManualClock {
  #private
  /** @throws SessioError `InvalidArgument` if `start` is not a valid `Date`. */
  constructor (start: Date)
  /** The clock's time. */
  now (): Date
  /**
   * Moves the clock forward by so many milliseconds.
   *
   * @throws SessioError `InvalidArgument` for a negative or infinite number and for other types.
   */
  advance (millis: number): void
}

/**
 * A new token: 32 random bytes of the operating system as 43 characters of base64url.
 *
 * @throws SessioError `Internal` if the operating system has no random bytes.
 */
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

  // Made by `cargo xtask gen` from `api/store.toml`: change that.
  /**
   * The live session, or `null`: absent, expired and malformed tokens are all `null`. An error
   * means that the system failed.
   */
  find (token: string | Key, options?: Call): Promise<SessionRecord | null>

  /** Whether a live session has the token. */
  exists (token: string | Key, options?: Call): Promise<boolean>

  /**
   * Stores a session, whatever was there before. When it returns, the session is committed. Over a
   * session that was just logged out this brings it back: use `update` or `replace` for what was
   * loaded.
   *
   * Fails with `TooLarge`, `Full` in memory, and `Unsupported` for a subject where the table has no
   * column for it.
   */
  save (token: string | Key, data: Data, expires: Expires, options?: Write): Promise<void>

  /**
   * Stores a session only if no live one has the token; an expired one is replaced.
   *
   * Fails as `save`, and with `AlreadyExists`.
   */
  insert (token: string | Key, data: Data, expires: Expires, options?: Write): Promise<void>

  /**
   * Changes a live session. `false`, and nothing written, when it is gone: a session that was ended
   * is never brought back.
   *
   * Fails as `save`.
   */
  update (token: string | Key, data: Data, expires: Expires, options?: Write): Promise<boolean>

  /**
   * Changes a live session only if its data is still `expected`: compare and swap. Saved, a
   * conflict, or gone.
   *
   * Fails as `save`.
   */
  replace (
    token: string | Key, expected: Data, data: Data, expires: Expires, options?: Write
  ): Promise<'saved' | 'conflict' | 'gone'>

  /**
   * Moves the expiry of a live session and leaves its data alone. `false` when it is gone. A
   * manager's session lives no longer than its data says: touch it through its manager.
   */
  touch (token: string | Key, expires: Expires, options?: Call): Promise<boolean>

  /**
   * Gives a live session another token, and new content if it is given, in one step: never are both
   * tokens valid, and never neither. `false` when it is gone. Do this whenever a user's rights
   * change, at login above all.
   *
   * Fails as `save`, and with `AlreadyExists` when a live session has the new token.
   */
  rename (oldToken: string | Key, newToken: string | Key, options?: Call): Promise<boolean>
  rename (
    oldToken: string | Key, newToken: string | Key, content: Write & { data: Data, expires: Expires }
  ): Promise<boolean>

  /** Ends a session. Whether there was a live one; none is no error. */
  delete (token: string | Key, options?: Call): Promise<boolean>

  /**
   * `find` for up to 10,000 at once; the records are in the order asked.
   *
   * Fails with `InvalidArgument` for more.
   */
  findMany (
    tokens: ReadonlyArray<string | Key>, options?: Call
  ): Promise<Array<SessionRecord | null>>

  /**
   * `save` for up to 10,000 at once. All are checked before any is written; each is written on its
   * own, so after an error some may be saved.
   *
   * Fails as `save`, and with `InvalidArgument` for more.
   */
  saveMany (rows: readonly Row[], options?: Call): Promise<void>

  /**
   * `delete` for up to 10,000 at once: how many were live.
   *
   * Fails with `InvalidArgument` for more.
   */
  deleteMany (tokens: ReadonlyArray<string | Key>, options?: Call): Promise<number>

  /** How many sessions are live. Reads the expiry index of the whole table. */
  count (options?: Call): Promise<number>

  /**
   * A page of 1 to 1,000 live sessions in the order of their keys, after the given one: pass the
   * `next` of one page to get the next.
   *
   * Fails with `InvalidArgument` for the limit.
   */
  list (limit: number, options?: Call & { after?: Key | null | undefined }): Promise<Page>

  /**
   * `list` for the sessions of one subject: a user's devices.
   *
   * Fails as `list`, and with `InvalidArgument` for a subject that is not 1 to 255 characters long,
   * and `Unsupported` where the table has no subject column.
   */
  listSubject (
    subject: string, limit: number, options?: Call & { after?: Key | null | undefined }
  ): Promise<Page>

  /**
   * Ends all sessions of a subject, but for `keep`: "sign out everywhere (else)". How many were
   * live. What the subject opens while this runs may stay.
   *
   * Fails with `InvalidArgument` for a subject that is not 1 to 255 characters long, and
   * `Unsupported` where the table has no subject column.
   */
  deleteSubject (
    subject: string, options?: Call & { keep?: string | Key | null | undefined }
  ): Promise<number>

  /**
   * Ends all sessions: how many were live. Whatever the table holds is deleted, in slices, so that
   * no other call waits for it long; what is stored while it runs may stay. A large table may take
   * longer than the `timeout` option allows: after `Timeout` a part is gone, and calling it again
   * goes on.
   *
   * Fails with an error of the server for rows that another table's foreign key holds, and then all
   * others are gone.
   */
  clear (options?: Call): Promise<number>

  /**
   * Removes up to `limit` (1 to 100,000) expired sessions: how many it removed.
   *
   * Fails with `InvalidArgument` for the limit.
   */
  deleteExpired (limit: number, options?: Call): Promise<number>

  /**
   * Creates the table, or upgrades it. Changes nothing where it is up to date.
   *
   * Fails with `Schema` for a table of no known layout, and `Unsupported` for one that another
   * library made: see `migrateFrom`.
   */
  migrate (options?: Call): Promise<void>

  /**
   * Makes a live table of another library one of sessio's, in place: no session is lost, and the
   * other library goes on using it. `library` is "scs". Changes nothing where it is up to date.
   *
   * What changes the type of a column makes the server copy the table, and until it has, readers go
   * on and writers wait: about a minute for a million sessions on a small machine, in which a store
   * answers writes with `Timeout`. Call `deleteExpired` before it, and it has less to copy.
   * (MariaDB lets writers go on too, from version 11.2.) A subject column and indexes are added
   * while readers and writers go on. At its start and end it waits for the statements that run, and
   * all other statements wait behind it; after two seconds it steps back and tries again. The
   * `timeout` option is not for it, and when the connection breaks, the server undoes it.
   *
   * Other programs' stores may stay open. They learn by their next cleanup what the table has
   * become, and use it as it was till then.
   *
   * Fails with `InvalidArgument` for another library, `Schema` for a table of no known layout, and
   * `Unsupported` for one that cannot be upgraded; then nothing has changed.
   */
  migrateFrom (library: 'scs', options?: Call): Promise<void>

  /**
   * What is wrong with the table; empty when nothing is. A missing or unknown table is an issue,
   * too, not an error.
   */
  check (options?: Call): Promise<CheckIssue[]>

  /** Reaches the server and comes back. */
  ping (options?: Call): Promise<void>

  // The end of what `cargo xtask gen` makes.

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
