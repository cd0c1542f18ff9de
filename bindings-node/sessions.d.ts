/// <reference types="node" />

import { EventEmitter } from 'node:events'
import { Call, Expires, Key, Store } from './index'

/** A value of a session. Anything else is refused with `InvalidArgument`; nothing is converted silently. */
export type Value =
  | null
  | boolean
  /** Stored as an integer if `Number.isSafeInteger` is true, otherwise as a float; -0 is a float. */
  | number
  /**
   * An integer from -2^63 to 2^64 - 1. It comes back as a bigint if its absolute value is greater than
   * 2^53 - 1, otherwise as a number.
   */
  | bigint
  /** Well-formed text: a string with half of a surrogate pair is refused. */
  | string
  /** Bytes; they come back as a `Buffer`. */
  | Uint8Array | ArrayBuffer
  /** An instant in the years 1 to 9999. Times of other languages are rounded down to milliseconds. */
  | Date
  /**
   * Arrays and plain objects, nested at most 64 deep, the session's own map included. As in JSON, a
   * member that is `undefined` is left out, and an item that is `undefined` becomes `null`.
   */
  | ReadonlyArray<Value | undefined>
  | { readonly [key: string]: Value | undefined }

/**
 * `T` if a session can hold it, otherwise `never`. TypeScript does not accept an interface as a `Value`,
 * because other code can add members to it; this type checks the members that it declares.
 */
export type Storable<T> =
  T extends Value ? T
    : T extends ((...args: never) => unknown) | symbol | undefined ? never
      : { readonly [K in keyof T]: T[K] extends undefined ? undefined : Storable<Exclude<T[K], undefined>> | Extract<T[K], undefined> }

/**
 * A value as it is read. Arrays and plain objects are tracked: changes within them are stored by the
 * commit, see `Session`. A `Buffer` or `Date` that is the value of a key is a copy.
 */
export type Stored =
  | null | boolean | number | bigint | string | Buffer | Date | Stored[] | { [key: string]: Stored }

/**
 * The types of a program's session values. Declare them once:
 *
 * ```ts
 * declare module 'sessio' {
 *   interface SessionData { user?: { name: string }, cart?: string[] }
 * }
 * ```
 *
 * Then `get('user')` has this type, and `put('user', …)` accepts no other. Other keys are allowed and are
 * of type `Stored`. A program with several kinds of sessions passes a type argument instead:
 * `new SessionManager<Admin>(store)`. The types are not checked at run time, and another program may have
 * stored something else: use `getString` and the other typed reads where that matters.
 */
export interface SessionData {}

/** The declared keys. */
export type KnownKey<Data> = Extract<keyof Data, string>

/** Any other key. */
export type OtherKey<Data, K extends string> = K extends KnownKey<Data> ? never : K

/** The declared type of a key as `put` accepts it: without `undefined`, and `never` if a session cannot hold it. */
export type Known<Data, K extends keyof Data> = Exclude<Data[K], undefined> & Storable<Exclude<Data[K], undefined>>

/** The type of the items of an array. */
export type ItemOf<T> = T extends ReadonlyArray<infer Item> ? Item : never

/** The type of all values of a session. */
export type AllOf<Data> =
  [KnownKey<Data>] extends [never] ? { [key: string]: Stored } : Partial<Data> & { [key: string]: unknown }

/**
 * The options of a `SessionManager`. All programs on one table need the same `codec`. A duration is a
 * number of **milliseconds**, or text: with a unit (`ms`, `s`, `m`, `h`, `d`, `w`: `'30m'`, `'24h'`), or
 * without one, which means seconds. An unknown option or a wrong value is `InvalidArgument`.
 */
export interface SessionOptions {
  // Made by `cargo xtask gen` from `api/manager_options.toml`: change that.
  /** The longest that a session lives, from its creation on. Default: `'24h'`. */
  lifetime?: number | string | undefined
  /**
   * How long a session lives without a request that reads it. Without one, it lives until
   * `lifetime` is over.
   */
  idleTimeout?: number | string | undefined
  /**
   * The expiry of a session that is only read is moved at most this often. At most half of
   * `idleTimeout`. Default: a tenth of `idleTimeout`.
   */
  touchInterval?: number | string | undefined
  /**
   * How long a token that was renewed or destroyed makes no new session: a late request with it
   * stores nothing and sends no cookie. At most 10 minutes. 0 for none. Default: `'30s'`.
   */
  endedWindow?: number | string | undefined
  /**
   * How sessions are stored, the same for all programs on one table. To share the table with a Go
   * program, its own: `gob` (SCS v2), `scs_v1` or `beego`. Default: `'json'`.
   */
  codec?: 'json' | 'msgpack' | 'gob' | 'scs_v1' | 'beego' | undefined
  /**
   * Other codecs to try, as `msgpack,gob`, for what `codec` cannot read: for changing it while
   * programs run.
   */
  readCodecs?: string | undefined
  /**
   * The types that the Go program has passed to `gob.Register`, any of
   * `time.Time,[]any,map[string]any,map[string]string`. For `gob` and `beego`.
   */
  gobRegistered?: string | undefined
  /**
   * What a commit does when another request has changed the session since it was loaded: `merge`
   * puts this request's changes, key by key, on top; `overwrite` stores this request's copy of all
   * values; `fail` stores nothing. Default: `'merge'`.
   */
  onConflict?: 'merge' | 'overwrite' | 'fail' | undefined
  /**
   * What happens to data that cannot be decoded: `fresh` is a new session, `fail` is the error
   * `Corrupt`. Default: `'fresh'`.
   */
  onCorrupt?: 'fresh' | 'fail' | undefined
  /** The name of the cookie; `__Host-session` is the safest choice. Default: `'session'`. */
  cookieName?: string | undefined
  /** The `Path` of the cookie. Default: `'/'`. */
  cookiePath?: string | undefined
  /** The `Domain` of the cookie. Without one, only the host that sets it gets it. */
  cookieDomain?: string | undefined
  /**
   * `Secure`: browsers send the cookie over HTTPS only. `false` for development. Default: `true`.
   */
  cookieSecure?: boolean | undefined
  /** `HttpOnly`: scripts of the page cannot read the cookie. Default: `true`. */
  cookieHttpOnly?: boolean | undefined
  /** `SameSite`: whether requests from other sites carry the cookie. Default: `'lax'`. */
  cookieSameSite?: 'lax' | 'strict' | 'none' | 'unset' | undefined
  /** `Partitioned`: a separate cookie for each site that embeds this one. Default: `false`. */
  cookiePartitioned?: boolean | undefined
  /**
   * Whether the browser keeps the cookie after it is closed. A session can say otherwise. Default:
   * `true`.
   */
  cookiePersist?: boolean | undefined
  /**
   * Signs the cookie as express-session (`express`) or `@fastify/session` (`fastify`) does, to
   * share its cookie or to take over its sessions. A cookie without a valid signature is ignored.
   * Needs `cookieSecrets`.
   */
  cookieSignature?: 'express' | 'fastify' | undefined
  /** The secrets for `cookieSignature`, each of at least 16 bytes: the first signs, all verify. */
  cookieSecrets?: readonly string[] | string | undefined
  // The end of what `cargo xtask gen` makes.
}

/** The result of a commit: what to send to the client. `console.log` shows neither token nor cookie. */
export interface CommitResult {
  /**
   * - `unmodified`: there was nothing to store. The expiry may have been extended.
   * - `saved`: the changes were stored.
   * - `destroyed`: this request destroyed the session.
   * - `gone`: another request destroyed the session or renewed its token. Nothing was stored, and no
   *   cookie is sent, because the client may have a newer one.
   * - `conflict`: another request changed the session and `onConflict` is `fail`, or a live session
   *   already has the token of `create`. Nothing was stored.
   */
  outcome: 'unmodified' | 'saved' | 'destroyed' | 'gone' | 'conflict'
  /** The session's token, or `null` if it has none: for clients without cookies. */
  token: string | null
  /** When the session expires if no request uses it; `null` if there is no session or it never expires. */
  expiresAt: Date | null
  /** The value of a `Set-Cookie` header that sets or deletes the cookie; `null` if none is to be sent. */
  setCookie: string | null
  /** The attributes of the same cookie; `null` if none is to be sent. */
  cookie: CookieParts | null
  /**
   * All headers to **append** to the response with `response.appendHeader`; `setHeader` would replace
   * headers of the program. With a cookie these are `Set-Cookie` and
   * `Cache-Control: no-cache="Set-Cookie"`, so that no cache passes the cookie to another client. There is
   * `Vary: Cookie` if the session was read or a cookie is sent. A program that carries tokens in another
   * header adds that header to `Vary` itself.
   */
  headers: Array<[name: string, value: string]>
  /**
   * Whether a value of the session was read or written, so that the response may depend on the cookie.
   * Loading alone does not count.
   */
  wasRead: boolean
}

/** The attributes of a cookie, for frameworks that write the header themselves. */
export interface CookieParts {
  name: string
  /** As in the header, already encoded where a cookie needs it. Empty for a deletion. */
  value: string
  path: string
  /** `null`: only the host that sets the cookie gets it. */
  domain: string | null
  /** When the browser deletes it, in whole seconds; `null`: when the browser is closed. */
  expires: Date | null
  /**
   * The same in **milliseconds** from now, as Express takes it; the header's `Max-Age` and Fastify's
   * `setCookie` have seconds. 0 deletes the cookie.
   */
  maxAge: number | null
  secure: boolean
  httpOnly: boolean
  sameSite: 'lax' | 'strict' | 'none' | 'unset'
  partitioned: boolean
}

/** The value of a `Cookie` header. */
export type CookieHeader = string | Uint8Array

/** A page of sessions, ordered by key. */
export interface SessionPage<Data extends object = SessionData> {
  sessions: Array<Session<Data>>
  /** Pass it as `after` for the next page; `null` after the last page. */
  next: Key | null
}

/**
 * An event of a manager's sessions in this process.
 *
 * - `created`: a new session was stored.
 * - `renewed`: a session got a new token.
 * - `destroyed`: the program destroyed a session.
 * - `touched`: the expiry of a session that was only read was extended.
 * - `merged`: another request had changed the session; both requests' changes are stored.
 * - `conflict`: another request had changed the session; this request's changes were not stored.
 * - `gone`: another request had ended the session.
 * - `corrupt`: a session could not be decoded.
 */
export type SessionEvent =
  | 'created' | 'renewed' | 'destroyed' | 'touched' | 'merged' | 'conflict' | 'gone' | 'corrupt'

/** How many events of each kind this manager has counted. */
export type SessionStats = Record<SessionEvent, number>

/**
 * Sessions over a store. A program loads one at the beginning of a request and commits it at the end.
 *
 * **Errors.** A method that returns a promise reports every failure by rejecting it. A method that asks
 * the store rejects with `Closed` after `store.close()`, and on MySQL with `Timeout` when the store's
 * `timeout` has passed, `Unavailable`, `Overloaded` or `Schema`. Below, *store errors* means these.
 *
 * **Aborting.** `{ signal }` rejects the promise with `signal.reason` when the signal is aborted. It ends
 * the waiting, not the operation: a write may still happen. A signal that is aborted before the call
 * prevents the operation.
 *
 * **Threads and processes.** A manager and its sessions belong to the thread that created them. Each
 * worker thread, and each process of `cluster` or `child_process`, creates its own store and manager. A
 * pending call keeps the process alive; an open store, a session or a listener does not.
 *
 * **Events.** Listeners run on this thread, soon after the event and in order. An exception in a listener
 * is an uncaught exception and does not affect any call, as with every `EventEmitter`.
 */
export class SessionManager<Data extends object = SessionData> extends EventEmitter {
  #private

  /**
   * @throws SessioError `InvalidArgument` if `store` is not a `Store`, for an unknown option or a wrong value,
   * and for a combination of options that browsers refuse, such as `cookieSameSite: 'none'` without
   * `cookieSecure`.
   */
  constructor (store: Store, options?: SessionOptions)

  /** The store of the sessions. */
  readonly store: Store
  /** The name of the cookie. */
  readonly cookieName: string

  /**
   * Loads the session of a token. Without a token, and for an unknown, expired or malformed one, it is a
   * new session, which gets a token of its own at the commit: a token of a client is never adopted. Asks
   * the store once, or not at all without a token. After that all reads of the session return at once.
   *
   * Rejects with store errors, with `Corrupt` if the data cannot be decoded and `onCorrupt` is `fail`, and
   * with `InvalidArgument` if the token is not a string.
   */
  load (token?: string | null, options?: Call): Promise<Session<Data>>

  /**
   * `load` with the token from the `Cookie` header of a request, or from an array of such headers. A
   * malformed header means a new session, not an error. If several cookies have the name, up to four are
   * tried, and the first live session is taken. Rejects as `load` does.
   */
  loadCookie (header?: CookieHeader | readonly CookieHeader[] | null, options?: Call): Promise<Session<Data>>

  /**
   * `load` with the token from another header, such as `Authorization`: the token alone or after
   * `Bearer `. Rejects as `load` does.
   */
  loadHeader (header?: string | Uint8Array | null, options?: Call): Promise<Session<Data>>

  /**
   * The session of a token, as with `load`, but without asking the store yet. All its reads are promises,
   * and the first one loads it. For programs in which many requests never read their session.
   *
   * @throws SessioError `InvalidArgument` if the token is not a string.
   */
  lazy (token?: string | null): LazySession<Data>

  /** `lazy` with the token from the `Cookie` header: see `loadCookie`. */
  lazyCookie (header?: CookieHeader | readonly CookieHeader[] | null): LazySession<Data>

  /** `lazy` with the token from another header: see `loadHeader`. */
  lazyHeader (header?: string | Uint8Array | null): LazySession<Data>

  // The verbs of managers, made by `cargo xtask gen` from `api/session.toml`: change that.
  /**
   * The live session of a token, already loaded, or `null`. A session that is found by its key is
   * as those of `list`: another client's, without a token and a cookie.
   *
   * Fails as `load`.
   */
  find (token: string | Key, options?: Call): Promise<Session<Data> | null>

  /**
   * A new session under a token that the program chooses, for frameworks that make their own ids.
   * The commit inserts it if it has values, or after `Session.storeEmpty`. If a session with this
   * token is live by then, the commit stores nothing, sends no cookie, and its outcome is a
   * conflict.
   *
   * The token is the client's secret. It must be random, at least 128 bits, and made by the
   * program: a token that was taken from a client is shared with the attacker who planted it.
   *
   * Fails with `InvalidArgument` for a token that cannot be stored.
   */
  create (token: string): Session<Data>

  /**
   * Stores the changes of a session at the end of its request, and says what to send to the client.
   * A new session is inserted under a new token. Only the changes of this request are stored, key
   * by key, on top of what other requests have changed since it was loaded (see the option
   * `onConflict`). A session that another request has ended stays ended. Without changes nothing is
   * stored, but the expiry may be extended. After an error the session keeps its changes: commit it
   * again. It usually takes one statement, and none if nothing was changed. A tracked value that
   * cannot be stored any more is `InvalidArgument`. After `Timeout` and `Unavailable` the next
   * commit first finds out whether the changes were stored. Aborting the signal does not stop the
   * commit.
   *
   * Fails as `load`, and with `TooLarge`, `Full` in memory, `Unsupported` for a subject where the
   * table has no column for it, `Overloaded` if other requests keep changing the session first, and
   * `InvalidArgument` for a session of another manager and for an increment or an item that does
   * not fit what is stored.
   */
  commit (session: Session<Data> | LazySession<Data>, options?: Call): Promise<CommitResult>

  /**
   * A page of 1 to 1,000 live sessions in the order of their keys, after the given one: pass the
   * `next` of one page to get the next. Each can be read, changed, committed and destroyed. They
   * are other clients' sessions: they have no token, and their commits send no cookie. If
   * `onCorrupt` is `fail`, reads of a session that cannot be decoded throw `Corrupt`;
   * `Session.destroy` works.
   *
   * Fails as `Store.list`, and with `InvalidArgument` for the limit.
   */
  list (
    limit: number, options?: Call & { after?: Key | null | undefined }
  ): Promise<SessionPage<Data>>

  /**
   * `list` for the sessions of one subject, such as a user's devices.
   *
   * Fails as `list`, and with `InvalidArgument` for a subject that is not 1 to 255 characters long,
   * and `Unsupported` where the table has no column for subjects.
   */
  listSubject (
    subject: string, limit: number, options?: Call & { after?: Key | null | undefined }
  ): Promise<SessionPage<Data>>

  // The end of what `cargo xtask gen` makes.

  /**
   * Changes a session in a transaction: loads it, runs `change`, and stores the changes only if no other
   * request has changed the session since. Otherwise it starts again with the session as it is then. Use
   * it if a change depends on other values; for one key `take`, `increment` and `append` are simpler.
   *
   * Resolves to what `change` returned last and the commit's result, or to `null` if there is no live
   * session or another request ends it.
   *
   * `change` may be asynchronous. It may run several times, so it should only change the session. If it
   * throws, nothing is stored and the promise is rejected with its error. Otherwise rejects as `commit`
   * does. After an abort the changes of the last run may still be stored.
   */
  transact<T> (
    token: string, change: (session: Session<Data>) => T | PromiseLike<T>, options?: Call
  ): Promise<{ value: T, result: CommitResult } | null>

  /**
   * All live sessions: `for await (const session of manager.each())`. Reads them in pages of 100, so a
   * session may have ended when its turn comes. Each is as one of `list`. The loop throws as `list` rejects.
   */
  each (options?: Call): AsyncGenerator<Session<Data>, void, undefined>

  /** All live sessions of one subject: `each`, with the errors of `listSubject`. */
  eachSubject (subject: string, options?: Call): AsyncGenerator<Session<Data>, void, undefined>

  /** The number of events so far, with or without listeners. */
  stats (): SessionStats

  on (event: SessionEvent, listener: () => void): this
  once (event: SessionEvent, listener: () => void): this
  off (event: SessionEvent, listener: () => void): this
  addListener (event: SessionEvent, listener: () => void): this
  prependListener (event: SessionEvent, listener: () => void): this
}

/** The methods of both kinds of sessions: changes are noted at once, and stored by the commit. */
export interface SessionView<Data extends object = SessionData> {
  /** Whether there are changes to commit, including those within tracked arrays and objects. */
  readonly status: 'unmodified' | 'modified' | 'destroyed'
  /** The token, which is the client's secret; `null` for a session that was never stored and a listed one. */
  readonly token: string | null
  /** The key of a listed session; `null` for others. */
  readonly key: Key | null

  /**
   * Sets the value of a key to a float. `put` stores a whole number as an integer, which a program in
   * another language may not accept in place of a float.
   *
   * @throws SessioError `InvalidArgument` if `number` is not a number.
   */
  putFloat (key: string, number: number): void

  // The verbs of all sessions, made by `cargo xtask gen` from `api/session.toml`: change that.
  /**
   * Sets the value of a key. A key must be a string; a value must not be nested too deep, and one
   * of more than about four million parts is `TooLarge`. The message of an error begins with the
   * path of the wrong part: `cart[2].price`.
   *
   * Fails with `InvalidArgument` for a value that a session cannot hold.
   */
  put<K extends KnownKey<Data>> (key: K, value: Known<Data, K>): void
  put<K extends string, T> (key: OtherKey<Data, K>, value: T & Storable<T>): void

  /**
   * Adds `by`, which may be negative, to the integer of a key; a missing value counts as 0. The
   * commit adds to what is stored by then, so the increments of several requests add up. `by` is 1
   * by default.
   *
   * Fails with `InvalidArgument` if the value is no integer, or the sum would be below -2^63 or
   * above 2^64 - 1; where that is not known yet, the commit fails.
   */
  increment (key: string, by?: number | bigint): void

  /**
   * Appends an item to the list of a key; a missing value counts as an empty list. The commit
   * appends to what is stored by then, so the items of several requests are all kept.
   *
   * Fails as `put`, and with `InvalidArgument` if the value of the key is no list; where that is
   * not known yet, the commit fails.
   */
  append<K extends KnownKey<Data>> (key: K, item: ItemOf<Known<Data, K>>): void
  append<K extends string, T> (key: OtherKey<Data, K>, item: T & Storable<T>): void

  /** Removes a key, if it is there. */
  remove (key: string): void

  /**
   * Removes all values. Token, deadline, subject, "remember me", idle timeout and extra values
   * stay.
   */
  clear (): void

  /**
   * Leaves a value for the next request that calls `flashes`, and for no other. Of two values of
   * one name the later is left.
   *
   * Fails as `put`.
   */
  flash<T> (key: string, value: T & Storable<T>): void

  /**
   * Sets an extra value: bookkeeping that a framework's adapter keeps beside the values.
   * `undefined` removes it. It is not among the values, stays when these are cleared, and is merged
   * name by name when two requests meet. It ends with the session, and with `regenerate`. A session
   * with nothing else is not stored. Names should begin with the framework's, because all programs
   * of a session share them; `sessio` is taken.
   *
   * Fails as `put`.
   */
  setExtra<T> (name: string, value: (T & Storable<T>) | undefined): void

  /**
   * Makes the commit store a new session even if it has no values, for programs that need its token
   * or its row. No effect on a session that is stored already.
   */
  storeEmpty (): void

  /**
   * Moves the end of the session's lifetime. With a time in the past the commit ends the session.
   * The deadline is fixed from then on: neither use of the session nor `touch` moves it. The
   * deadline is a `Date`, or so many milliseconds from now; `null` is the end of the year 9999.
   */
  setDeadline (deadline: Expires): void

  /**
   * Makes the commit extend the session because it is used now, whatever the option `touchInterval`
   * says, even if nothing else was changed. With an idle timeout, the session's own or the
   * manager's, that starts again, and the deadline stays. Without one a new lifetime begins; but a
   * deadline of `setDeadline` stays, and so does any deadline in a document of a Go program,
   * because it does not say who has set it.
   *
   * `Store.touch` moves the expiry of the row only, and a session does not outlive the expiry
   * within its data.
   */
  touch (): void

  /**
   * Whether the cookie of this session outlives the browser, whatever the option `cookiePersist`
   * says: true keeps it until the session ends, false until the browser is closed. Stored with the
   * session.
   */
  rememberMe (remember: boolean): void

  /**
   * Sets the idle timeout of this session, whatever the option of the managers says. It is stored
   * with the session and applies to every manager that reads it. 0 is no idle timeout; `null`
   * returns to the managers' option. The commit moves the expiry accordingly, but not beyond the
   * deadline. In milliseconds.
   *
   * Fails with `InvalidArgument` below 0 and above 200,000 years.
   */
  setIdleTimeout (millis: number | null): void

  /**
   * Sets whose session it is, such as a user id, so that all sessions of a user can be listed and
   * ended. `null` removes it. The commit fails with `Unsupported` if the table has no column for
   * subjects.
   *
   * Fails with `InvalidArgument` for a subject that is empty, longer than 255 characters, or ends
   * with a space.
   */
  setSubject (subject: string | null): void

  /**
   * Removes the value of a key, or else a flash value of this name, from the stored session now,
   * and returns it; `undefined` if there is none. Of all requests that take it exactly one gets it:
   * for codes that may be used once. Other changes of this request wait for the commit. If the
   * answer is lost, so is the value: after `Timeout` and `Unavailable` it is not known whether the
   * value is still there.
   *
   * Fails as `SessionManager.commit`.
   */
  take<K extends KnownKey<Data>> (key: K, options?: Call): Promise<Data[K] | undefined>
  take (key: string, options?: Call): Promise<Stored | undefined>

  /**
   * The token under which the next commit stores the session, chosen now if it is to get a new one:
   * for programs that need it before the commit, such as for CSRF tokens that are bound to a
   * session. This alone stores nothing, and a later `renew` or `regenerate` chooses another token.
   * `null` for a listed session, whose token is unknown, and for one that another request has
   * ended.
   *
   * Fails as `SessionManager.load`, and with `Internal` if the system has no randomness.
   */
  ensureToken (options?: Call): Promise<string | null>

  /**
   * Ends the session now and forgets its values. The commit then deletes the cookie. What is put in
   * afterwards makes a new session.
   *
   * Fails as `Store.delete`.
   */
  destroy (options?: Call): Promise<void>

  /**
   * Copies everything from the session of another token, key by key, and the later deadline of the
   * two. The other session ends when this one is stored. Nothing happens if there is no such
   * session, or if it is this one.
   *
   * Fails as `SessionManager.load`.
   */
  mergeFrom (token: string, options?: Call): Promise<void>

  // The end of what `cargo xtask gen` makes.
}

export interface Session<Data extends object = SessionData> extends SessionView<Data> {}

/**
 * A loaded session, as one request sees it: from `SessionManager.load`, `find`, `create` and `list`. The
 * manager's `commit` stores its changes; without a commit they are discarded.
 *
 * Reads return at once. `take`, `destroy`, `mergeFrom` and `ensureToken` may ask the store and return
 * promises. A wrong argument is `InvalidArgument`: thrown by methods that return a value, a rejection of
 * those that return a promise.
 *
 * **Tracked values.** An array or plain object that was read or put can be changed in place:
 * `session.get('cart').push('tea')`. The commit compares it with what it was and stores it if it differs.
 * Values that were not read cost nothing. Reading a key again returns the same object. A later `put`,
 * `remove`, `append` or `take` of the key replaces the object, and the session no longer tracks it. If an
 * object can no longer be stored, the commit is rejected with its path and stores nothing.
 *
 * Assigning a property (`session.user = 'ada'`) throws `InvalidArgument`: use `put`.
 *
 * Printing a session shows only its status, as does its JSON. A session belongs to the thread that loaded it.
 */
export class Session<Data extends object = SessionData> {
  #private
  private constructor ()

  /**
   * The string of a key; `undefined` if there is no value.
   *
   * @throws SessioError `InvalidArgument` for a value of another type, as all typed reads do.
   */
  getString (key: string): string | undefined
  /** The number of a key: a float, or an integer of at most 2^53 - 1. Throws as `getString`. */
  getNumber (key: string): number | undefined
  /** The boolean of a key. Throws as `getString`. */
  getBoolean (key: string): boolean | undefined
  /** The integer of a key, of any size. A float is refused, even a whole one. Throws as `getString`. */
  getBigInt (key: string): bigint | undefined
  /** The time of a key. Throws as `getString`. */
  getDate (key: string): Date | undefined
  /** The bytes of a key. Throws as `getString`. */
  getBuffer (key: string): Buffer | undefined

  // The verbs of loaded sessions, made by `cargo xtask gen` from `api/session.toml`: change that.
  /**
   * The value of a key; `undefined` if there is none.
   *
   * Fails with `Corrupt` if the option `onCorrupt` is `fail`.
   */
  get<K extends KnownKey<Data>> (key: K): Data[K] | undefined
  get (key: string): Stored | undefined

  /**
   * The value of a key, which is removed; `undefined` if there is none. The commit stores the
   * removal: until then other requests can pop the same value. See `take`.
   *
   * Fails as `get`.
   */
  pop<K extends KnownKey<Data>> (key: K): Data[K] | undefined
  pop (key: string): Stored | undefined

  /**
   * Whether there is a value with this key.
   *
   * Fails as `get`.
   */
  contains (key: string): boolean

  /** The same as `contains`. */
  has (key: string): boolean

  /**
   * The keys, sorted.
   *
   * Fails as `get`.
   */
  keys (): string[]

  /**
   * All values, by key.
   *
   * Fails as `get`.
   */
  values (): AllOf<Data>

  /**
   * Copies of all values by key, which are not tracked: the fastest way to read everything, and
   * what `assign` takes.
   *
   * Fails as `get`.
   */
  snapshot (): AllOf<Data>

  /**
   * The flash values that earlier requests left for this one, by name. The commit removes them; a
   * request that does not ask for them, or is not committed, leaves them. Those of a listed session
   * stay for its owner.
   *
   * Fails as `get`.
   */
  flashes (): { [key: string]: Stored }

  /**
   * A copy of the extra value of this name; `undefined` if there is none. See `setExtra`.
   *
   * Fails as `get`.
   */
  extra (name: string): Stored | undefined

  /**
   * When the lifetime of the session ends.
   *
   * Fails as `get`.
   */
  deadline (): Date

  /**
   * When the session ends if it is not used from now on, as the store has it: what was loaded, or
   * what the last commit stored. `null` for a session that never ends, and for one that is not
   * stored.
   *
   * Fails as `get`.
   */
  expiresAt (): Date | null

  /**
   * What `rememberMe` has set; `null` if it was not called: then the option `cookiePersist`
   * decides.
   *
   * Fails as `get`.
   */
  remembered (): boolean | null

  /**
   * The idle timeout that `setIdleTimeout` has set for this session; `null` if it was not called:
   * then the manager's option applies. In milliseconds.
   *
   * Fails as `get`.
   */
  idleTimeout (): number | null

  /**
   * Whose session it is, such as a user id; `null` if that was not set.
   *
   * Fails as `get`.
   */
  subject (): string | null

  /**
   * Whether the store does not have this session (yet).
   *
   * Fails as `get`.
   */
  isNew (): boolean

  /**
   * Sets the value of a key unless it has an equal one already, and says whether it did. The
   * comparison is deep and includes types: 1, 1.0 and true differ, and NaN equals NaN.
   *
   * Fails as `put`.
   */
  putIfChanged<K extends KnownKey<Data>> (key: K, value: Known<Data, K>): boolean
  putIfChanged<K extends string, T> (key: OtherKey<Data, K>, value: T & Storable<T>): boolean

  /**
   * Replaces all values by these. Only what differs is a change, found as by `putIfChanged`, and
   * keys that are not among these are removed: so requests that meet keep each other's changes. For
   * programs that hold all values in a map of their own. After an error nothing is changed.
   *
   * Fails as `put`.
   */
  assign<T extends Partial<Data>> (
    values: T & Storable<T>, options?: { lenient?: false | undefined }
  ): void
  /**
   * With `lenient: true` the values are converted as `JSON.stringify` converts them: `toJSON` is
   * called, functions and `undefined` are left out, an instance of a class becomes its fields, a
   * `Date` a string, NaN `null`, and a `Map` an empty object. A bigint or a circular object is
   * `InvalidArgument`.
   */
  assign (values: object, options: { lenient: boolean }): void

  /**
   * Gives the session a new token at the commit, in one step with all other changes: at any moment
   * exactly one of the two tokens is valid, and without a commit nothing changes. Call it when a
   * user logs in or out, so that a token that was planted before becomes worthless. `false` if
   * another request is known to have ended the session.
   *
   * Fails as `get`.
   */
  renew (): boolean

  /**
   * Starts over under a new token at the commit: values, flash values, subject, "remember me", idle
   * timeout, extra values and earlier changes are dropped, and a new lifetime begins. What is put
   * in afterwards belongs to the new session. The new token and the emptied session are stored in
   * one step: at any moment exactly one of the two tokens is valid, and without a commit nothing
   * changes. A session that is not stored yet is only emptied. `false` if another request is known
   * to have ended the session.
   *
   * Fails as `get`.
   */
  regenerate (): boolean

  // The end of what `cargo xtask gen` makes.
}

export interface LazySession<Data extends object = SessionData> extends SessionView<Data> {}

/**
 * A session that is loaded by its first read: from `SessionManager.lazy`, `lazyCookie` and `lazyHeader`. It
 * has the methods of `Session`, but those that read return promises. The first one asks the store, once.
 * They reject as `SessionManager.load` does, and where the method of `Session` throws.
 */
export class LazySession<Data extends object = SessionData> {
  #private
  private constructor ()

  getString (key: string): Promise<string | undefined>
  getNumber (key: string): Promise<number | undefined>
  getBoolean (key: string): Promise<boolean | undefined>
  getBigInt (key: string): Promise<bigint | undefined>
  getDate (key: string): Promise<Date | undefined>
  getBuffer (key: string): Promise<Buffer | undefined>

  // The verbs of lazy sessions, made by `cargo xtask gen` from `api/session.toml`: change that.
  /**
   * Loads the session from the store unless it is loaded, whether the store has it or not. Every
   * read does so by itself; after this call none waits for the store.
   *
   * Fails as `SessionManager.load`.
   */
  ensureLoaded (options?: Call): Promise<void>
  get<K extends KnownKey<Data>> (key: K): Promise<Data[K] | undefined>
  get (key: string): Promise<Stored | undefined>
  pop<K extends KnownKey<Data>> (key: K): Promise<Data[K] | undefined>
  pop (key: string): Promise<Stored | undefined>
  contains (key: string): Promise<boolean>
  has (key: string): Promise<boolean>
  keys (): Promise<string[]>
  values (): Promise<AllOf<Data>>
  snapshot (): Promise<AllOf<Data>>
  flashes (): Promise<{ [key: string]: Stored }>
  extra (name: string): Promise<Stored | undefined>
  deadline (): Promise<Date>
  expiresAt (): Promise<Date | null>
  remembered (): Promise<boolean | null>
  idleTimeout (): Promise<number | null>
  subject (): Promise<string | null>
  isNew (): Promise<boolean>
  putIfChanged<K extends KnownKey<Data>> (key: K, value: Known<Data, K>): Promise<boolean>
  putIfChanged<K extends string, T> (
    key: OtherKey<Data, K>, value: T & Storable<T>
  ): Promise<boolean>
  assign<T extends Partial<Data>> (
    values: T & Storable<T>, options?: { lenient?: false | undefined }
  ): Promise<void>
  assign (values: object, options: { lenient: boolean }): Promise<void>
  renew (options?: Call): Promise<boolean>
  regenerate (options?: Call): Promise<boolean>

  // The end of what `cargo xtask gen` makes.
}
