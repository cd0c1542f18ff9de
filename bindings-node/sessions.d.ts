/// <reference types="node" />

import { EventEmitter } from 'node:events'
import { Call, Expires, Key, Store } from './index'

/** What a session can hold. Other things are refused with `InvalidArgument`, never changed. */
export type Value =
  | null
  | boolean
  /** An integer if `Number.isSafeInteger` says so, otherwise a float; -0 is a float. */
  | number
  /** An integer from -2^63 to 2^64 - 1. Beyond 2^53 - 1 one comes back as a bigint, else as a number. */
  | bigint
  /** Text. Half of a surrogate pair is none. */
  | string
  /** Bytes, which come back as a `Buffer`. */
  | Uint8Array | ArrayBuffer
  /** An instant in the years 1 to 9999. What other languages store is cut to whole milliseconds. */
  | Date
  /**
   * At most 64 lists and maps are within one another, the session's own map included. As in JSON, a
   * member that is `undefined` is left out, and an item that is `undefined` becomes `null`.
   */
  | ReadonlyArray<Value | undefined>
  | { readonly [key: string]: Value | undefined }

/**
 * `T`, if a session can hold it. Interfaces are no `Value`, for TypeScript cannot know what else they
 * have; this looks at what they say they have.
 */
export type Storable<T> =
  T extends Value ? T
    : T extends ((...args: never) => unknown) | symbol | undefined ? never
      : { readonly [K in keyof T]: T[K] extends undefined ? undefined : Storable<Exclude<T[K], undefined>> | Extract<T[K], undefined> }

/**
 * What comes back. Arrays and plain objects can be changed where they are: see `Session`. `Buffer`s and
 * `Date`s that are values by themselves are copies.
 */
export type Stored =
  | null | boolean | number | bigint | string | Buffer | Date | Stored[] | { [key: string]: Stored }

/**
 * What the sessions of a program hold, to be said once:
 *
 * ```ts
 * declare module 'sessio' {
 *   interface SessionData { user?: { name: string }, cart?: string[] }
 * }
 * ```
 *
 * Then `get('user')` has that type, and `put('user', …)` takes no other. Other keys are allowed, and give
 * `Stored`. A program with several kinds of sessions names each: `new SessionManager<Admin>(store)`.
 * Types are not checked when it runs: what another program has stored may be something else, which
 * `getString` and its like refuse.
 */
export interface SessionData {}

/** The keys that a program has declared. */
export type KnownKey<Data> = Extract<keyof Data, string>

/** Any other key. */
export type OtherKey<Data, K extends string> = K extends KnownKey<Data> ? never : K

/** A declared value as it is put: never `undefined`, and only if a session can hold it. */
export type Known<Data, K extends keyof Data> = Exclude<Data[K], undefined> & Storable<Exclude<Data[K], undefined>>

/** What a list of this type has as items. */
export type ItemOf<T> = T extends ReadonlyArray<infer Item> ? Item : never

/** Everything that a session holds. */
export type AllOf<Data> =
  [KnownKey<Data>] extends [never] ? { [key: string]: Stored } : Partial<Data> & { [key: string]: unknown }

/**
 * The settings of a manager. All programs on one table need the same `codec`. A duration is a number
 * of **milliseconds**, or text: with a unit (`'30m'`, `'24h'`), or without for seconds.
 */
export interface SessionOptions {
  /** The longest that a session lives, from its creation on; `'24h'` by default. */
  lifetime?: number | string | undefined
  /** How long it lives without a request that looks at it; as long as its lifetime by default. */
  idleTimeout?: number | string | undefined
  /**
   * The end of a session that is only read is moved at most this often; by default a tenth of
   * `idleTimeout`, and at most half of it.
   */
  touchInterval?: number | string | undefined
  /**
   * So long a token that was renewed or destroyed makes no new session: a late request with it
   * stores nothing and sends no cookie; `'30s'` by default, at most 10 minutes, 0 for never.
   */
  endedWindow?: number | string | undefined
  /**
   * How sessions are written; `json` by default. Beside a Go program what that one stores: `gob`
   * (SCS v2), `scs_v1`, `beego`.
   */
  codec?: 'json' | 'msgpack' | 'gob' | 'scs_v1' | 'beego' | undefined
  /** Others to try for what `codec` cannot read, as `'msgpack,gob'`; none by default. */
  readCodecs?: string | undefined
  /**
   * The types that the Go program has passed to `gob.Register`: any of
   * `'time.Time,[]any,map[string]any,map[string]string'`; none by default.
   */
  gobRegistered?: string | undefined
  /**
   * What a commit does when another request was faster. `merge`, the default: puts this request's
   * changes, key by key, on top. `overwrite`: stores this request's copy of everything. `fail`:
   * stores nothing and says so.
   */
  onConflict?: 'merge' | 'overwrite' | 'fail' | undefined
  /** What becomes of data that cannot be decoded. `fresh`, the default: a new session. `fail`: `Corrupt`. */
  onCorrupt?: 'fresh' | 'fail' | undefined
  /** `session` by default; `__Host-session` is safer still. */
  cookieName?: string | undefined
  /** `/` by default. */
  cookiePath?: string | undefined
  /** None by default, which is this host alone. */
  cookieDomain?: string | undefined
  /** Whether the cookie travels encrypted only; `true` by default. */
  cookieSecure?: boolean | undefined
  /** Whether scripts in the page cannot read the cookie; `true` by default. */
  cookieHttpOnly?: boolean | undefined
  /** Whether it comes along from other sites; `lax` by default. */
  cookieSameSite?: 'lax' | 'strict' | 'none' | 'unset' | undefined
  /** Whether it is another cookie within each site that frames this one; `false` by default. */
  cookiePartitioned?: boolean | undefined
  /** Whether the browser keeps it when it is closed; `true` by default. See `rememberMe`. */
  cookiePersist?: boolean | undefined
  /**
   * Sign the cookie's value as another program does, to share it or to take its sessions over: `express`
   * (express-session) or `fastify` (`@fastify/session`). What is not so signed is no session then. Not
   * signed by default: a token is a secret already.
   */
  cookieSignature?: 'express' | 'fastify' | undefined
  /** For the signatures, each of at least 16 bytes: the first signs, each verifies. */
  cookieSecrets?: readonly string[] | string | undefined
}

/** What a commit says that the client shall be sent. `console.log` shows neither token nor cookie. */
export interface CommitResult {
  /**
   * - `unmodified`: there was nothing to store, though perhaps the end was moved.
   * - `saved`: it was stored.
   * - `destroyed`: the session was destroyed in this request.
   * - `gone`: another request ended the session, or gave it another token. Nothing was stored, it
   *   stays ended, and no cookie is sent: the client may have a newer one.
   * - `conflict`: another request changed it meanwhile, and `onConflict` is `fail`; or a session lives
   *   already under the token of `create`. Nothing was stored.
   */
  outcome: 'unmodified' | 'saved' | 'destroyed' | 'gone' | 'conflict'
  /** The session's token, if it has one: for clients without cookies. */
  token: string | null
  /** When the session ends if nobody uses it; `null` when there is none. */
  expiresAt: Date | null
  /** The value of a `Set-Cookie` header, if one is to be sent: the token, or its deletion. */
  setCookie: string | null
  /** The same cookie, part by part. */
  cookie: CookieParts | null
  /**
   * All headers that are to be **added** to your answer, as `response.appendHeader` does, never set in the
   * place of its own: with a cookie `Set-Cookie` and `Cache-Control: no-cache="Set-Cookie"`, so that no
   * cache between gives it to another client, and `Vary: Cookie` if the session was read or the cookie is
   * sent. A program whose tokens travel in another header names that one in a `Vary` of its own.
   */
  headers: Array<[name: string, value: string]>
  /**
   * Whether something of the session was read or written: then the answer may be another one for another
   * cookie. Loading alone reads nothing.
   */
  wasRead: boolean
}

/** A cookie as data, for frameworks that write the header themselves. */
export interface CookieParts {
  name: string
  /** As it stands in the header: what a cookie cannot hold is encoded already. Empty for a deletion. */
  value: string
  path: string
  /** `null` is the host that sets it, alone. */
  domain: string | null
  /** When the browser forgets it, in whole seconds; `null` is when it is closed. */
  expires: Date | null
  /**
   * The same as **milliseconds** from now on, as everywhere here and in Express; `Max-Age` itself, and
   * Fastify's `setCookie`, have seconds. 0 is a deletion.
   */
  maxAge: number | null
  secure: boolean
  httpOnly: boolean
  sameSite: 'lax' | 'strict' | 'none' | 'unset'
  partitioned: boolean
}

/** The value of a `Cookie` header. */
export type CookieHeader = string | Uint8Array

/** A page of sessions, in the order of their keys. */
export interface SessionPage<Data extends object = SessionData> {
  sessions: Array<Session<Data>>
  /** What to pass as `after` for the next page; `null` when this was the last one. */
  next: Key | null
}

/**
 * What happens to sessions of a manager in this process. `created`: a new one was stored. `renewed`:
 * one got a new token. `destroyed`: one was ended by the program. `touched`: the end of one that was
 * only read was moved. `merged`: another request had changed it meanwhile, both changes are stored.
 * `conflict`: the same, and this request's changes were not stored. `gone`: another request had
 * ended it meanwhile. `corrupt`: one could not be decoded.
 */
export type SessionEvent =
  | 'created' | 'renewed' | 'destroyed' | 'touched' | 'merged' | 'conflict' | 'gone' | 'corrupt'

/** How often each event has happened. */
export type SessionStats = Record<SessionEvent, number>

/**
 * Sessions over a store: what a program asks for at the beginning of a request and commits at its
 * end. As `on` and `once` are Node's, so is what becomes of a listener that throws: its exception is
 * uncaught, and no call of sessio's knows of it. Listeners are called in the order of the events,
 * soon after them and on this thread; they do not keep the process alive.
 *
 * Each worker thread makes its own manager, over a store of its own.
 */
export class SessionManager<Data extends object = SessionData> extends EventEmitter {
  #private

  /** @throws SessioError `InvalidArgument` for an option that is not understood, or what browsers refuse. */
  constructor (store: Store, options?: SessionOptions)

  /** The store beneath. */
  readonly store: Store
  /** What the cookie is called. */
  readonly cookieName: string

  /**
   * The session of a token, or a new one where there is no token; a token that turns out to be unknown
   * is not adopted. Reads it now, so that nothing that is read of it later has to be waited for: the
   * store is asked once, and not at all where there is no token.
   *
   * Fails as `Store.find` does, with `Corrupt` where `onCorrupt` is `fail`, and with `InvalidArgument`
   * for what is no text.
   */
  load (token?: string | null, options?: Call): Promise<Session<Data>>

  /**
   * The same from the `Cookie` header of a request, or from several, as HTTP/2 has them. A malformed
   * one is no session, and no error. Where several cookies have the name, up to four are tried, and
   * the first that lives counts.
   */
  loadCookie (header?: CookieHeader | readonly CookieHeader[] | null, options?: Call): Promise<Session<Data>>

  /** The same from a header of your own: the token, with `Bearer ` before it or not. */
  loadHeader (header?: string | Uint8Array | null, options?: Call): Promise<Session<Data>>

  /**
   * The session of a token as `load` gives it, but nobody is asked yet: what reads it is a promise, and
   * the first one asks the store. For requests of which many never look.
   *
   * @throws SessioError `InvalidArgument` for what is no text.
   */
  lazy (token?: string | null): LazySession<Data>

  /** The same from the `Cookie` header, as `loadCookie`. */
  lazyCookie (header?: CookieHeader | readonly CookieHeader[] | null): LazySession<Data>

  /** The same from a header of your own, as `loadHeader`. */
  lazyHeader (header?: string | Uint8Array | null): LazySession<Data>

  /**
   * The session of a token if it lives, read by one question; otherwise `null`. With the `Key` of a listed
   * session it is as one of a list. Fails as `load` does.
   */
  find (token: string | Key, options?: Call): Promise<Session<Data> | null>

  /**
   * A new session under a token of your own, for frameworks that choose their ids themselves. The
   * commit inserts it if something was put in, or `storeEmpty` was called. If a session lives under
   * this token already, the commit stores nothing, sends no cookie, and its outcome is `conflict`.
   *
   * The token is the client's secret: it must be random, at least 128 bits, and made by your program.
   * With a token that a client has sent, whoever planted it there would share the session.
   *
   * @throws SessioError `InvalidArgument` for a token that cannot be stored.
   */
  create (token: string): Session<Data>

  /**
   * Stores what was changed, and says what to send to the client. In the common case that is one
   * statement, and none where nothing was changed.
   *
   * Fails as `Store.insert` and `Store.replace` do, and with `InvalidArgument` for another manager's
   * session. The changes are kept then, so it can be called again. Aborting the signal ends the
   * waiting, not the commit.
   */
  commit (session: Session<Data> | LazySession<Data>, options?: Call): Promise<CommitResult>

  /**
   * Runs `change` on the session of a token as it is now, and stores what it has changed if no other
   * request has changed the session since; otherwise once more on the session as it is then, until it
   * is the first. For what depends on other values, where `take`, `increment` and `append` do not do.
   * Gives what `change` returned last, and what to send to the client; `null` where there is no such
   * session, or it was ended meanwhile.
   *
   * `change` may be asynchronous, and should do nothing but change its session: it may run several
   * times. What it throws is passed on, and then nothing is stored. Fails as `commit` does, and with
   * `Overloaded` when other requests were faster for longer than the store's `timeout`. Aborting the
   * signal ends the waiting; the last of the changes may be stored.
   */
  transact<T> (
    token: string, change: (session: Session<Data>) => T | PromiseLike<T>, options?: Call
  ): Promise<{ value: T, result: CommitResult } | null>

  /**
   * A page of 1 to 1,000 live sessions in the order of their keys, each to be read, changed,
   * committed or destroyed like one that was loaded, but without a cookie: it is another client's.
   * Where `onCorrupt` is `fail`, reading one that cannot be decoded throws `Corrupt`; it can be
   * destroyed.
   */
  list (limit: number, options?: Call & { after?: Key | null | undefined }): Promise<SessionPage<Data>>

  /** The same for the sessions of one subject: a user's devices. May fail with `Unsupported`. */
  listSubject (
    subject: string, limit: number, options?: Call & { after?: Key | null | undefined }
  ): Promise<SessionPage<Data>>

  /**
   * All live sessions, one after the other, read by pages: `for await (const session of manager.each())`.
   * They may be ended meanwhile. Each is as one of `list`, and the loop fails as `list` does.
   */
  each (options?: Call): AsyncGenerator<Session<Data>, void, undefined>

  /** The same for the sessions of one subject. */
  eachSubject (subject: string, options?: Call): AsyncGenerator<Session<Data>, void, undefined>

  /** What has happened to sessions of this manager. */
  stats (): SessionStats

  on (event: SessionEvent, listener: () => void): this
  once (event: SessionEvent, listener: () => void): this
  off (event: SessionEvent, listener: () => void): this
  addListener (event: SessionEvent, listener: () => void): this
  prependListener (event: SessionEvent, listener: () => void): this
}

/** What both kinds of sessions have. */
export interface SessionView<Data extends object = SessionData> {
  /** Whether there is something to commit, changes within what was handed out included. */
  readonly status: 'unmodified' | 'modified' | 'destroyed'
  /** The client's secret, or `null`: for one that was never stored, and for one from a list. */
  readonly token: string | null
  /** The key of a session from a list. */
  readonly key: Key | null

  /**
   * Sets the value of a key.
   *
   * @throws SessioError `InvalidArgument` for what a session cannot hold, and what is nested too deep;
   * `TooLarge` for a value of more than some four million parts. The message begins with the path of what
   * is wrong: `cart[2].price`.
   */
  put<K extends KnownKey<Data>> (key: K, value: Known<Data, K>): void
  put<K extends string, T> (key: OtherKey<Data, K>, value: T & Storable<T>): void
  /**
   * Sets the value of a key to a float. `put` makes an integer of a whole number, and a neighbour in
   * a language that tells them apart may want a float.
   */
  putFloat (key: string, number: number): void
  /**
   * Adds to the integer of a key, from 0 where there is none; 1 if nothing else is said. Of several
   * requests that do, all count: at the commit it is added to what is stored by then.
   *
   * @throws SessioError `InvalidArgument` where the value is known to be no integer, or too large;
   * otherwise the commit is rejected with that.
   */
  increment (key: string, by?: number | bigint): void
  /**
   * Adds an item to the array of a key, a new array where there is none. Of several requests that do,
   * no item is lost: at the commit it is added to what is stored by then.
   *
   * @throws SessioError as `put`, and `InvalidArgument` where the value of the key is known to be no
   * array; otherwise the commit is rejected with that.
   */
  append<K extends KnownKey<Data>> (key: K, item: ItemOf<Known<Data, K>>): void
  append<K extends string, T> (key: OtherKey<Data, K>, item: T & Storable<T>): void
  /** Removes a key, if it is there. */
  remove (key: string): void
  /** Removes all values; token, deadline and "remember me" stay. */
  clear (): void
  /** Leaves a value for the next request that asks for `flashes()`, and for that one alone. */
  flash<T> (key: string, value: T & Storable<T>): void

  /**
   * The value of a key, or else a flash value of this name, which is removed from the stored session
   * **now**: of all requests that take it exactly one gets it. For codes that may be used once. What
   * else was changed waits for the commit. Aborting the signal ends the waiting alone; then nobody
   * gets the value. After `Timeout` and `Unavailable` it is not known whether it is still there.
   */
  take<K extends KnownKey<Data>> (key: K, options?: Call): Promise<Data[K] | undefined>
  take (key: string, options?: Call): Promise<Stored | undefined>
  /**
   * Ends the session now, and forgets its values; the commit then takes the cookie away. What is put
   * in afterwards makes a new session.
   */
  destroy (options?: Call): Promise<void>
  /**
   * Takes over everything from the session of another token, key by key, and the later deadline of
   * the two; the other one ends when this one is stored. Nothing happens when there is none.
   */
  mergeFrom (token: string, options?: Call): Promise<void>

  /**
   * The commit stores a new session even if it holds nothing: for programs that need its token or its
   * row. Changes nothing for a session that is stored already.
   */
  storeEmpty (): void
  /**
   * The token under which the next commit stores the session, chosen now if it is to get a new one:
   * for what has to know it before, such as CSRF tokens that are bound to a session. Nothing is stored
   * by that alone, and a later `renew` or `regenerate` chooses another one. `null` for a session from a
   * list, whose token nobody knows, and for one that another request has ended. Waits for a commit of
   * this session that is on its way.
   */
  ensureToken (options?: Call): Promise<string | null>

  /**
   * Moves the end of its lifetime: to a `Date`, or to so many milliseconds **from now**. One in the
   * past ends it at the commit; `null` is the end of the year 9999.
   */
  setDeadline (deadline: Expires): void
  /**
   * The commit moves its end as if the session had been changed, whatever `touchInterval` says: what the
   * session says of itself and the end of its row together, unlike `Store.touch`.
   */
  touch (): void
  /**
   * How long this session lives without a request that looks at it, in milliseconds, whatever the managers'
   * option says: kept with the session. 0 is as long as the deadline allows; `null` leaves it to the managers
   * again.
   */
  setIdleTimeout (millis: number | null): void
  /**
   * Keeps something beside the values, for the bookkeeping of a framework's adapter: it is not among the
   * values, stays when they are cleared, and is merged name by name when two requests meet. `undefined`
   * removes it. It ends with the session, and with `regenerate`; by itself it makes no session worth
   * storing. Names should begin with the framework's, because all programs of a session share them.
   *
   * @throws SessioError as `put`.
   */
  setExtra<T> (name: string, value: (T & Storable<T>) | undefined): void
  /**
   * Whether its cookie outlives the browser, whatever `cookiePersist` says: `true` keeps it until the
   * session ends, `false` until the browser is closed. Kept with the session.
   */
  rememberMe (remember: boolean): void
  /**
   * Says whose session it is, so that all of a user's can be listed and ended: 1 to 255 characters,
   * no space at the end. `null` takes that away.
   */
  setSubject (subject: string | null): void
}

export interface Session<Data extends object = SessionData> extends SessionView<Data> {}

/**
 * A session, as one request sees it: loaded by `SessionManager.load` and its like. What is changed is
 * stored by the manager's `commit`, and forgotten without one.
 *
 * An array or plain object that was read or put may be changed where it is: `session.get('cart').push('tea')`.
 * At the commit those are compared with what they were, and put where they differ; what was not handed
 * out costs nothing. The same object comes back when it is read again. Whatever is done to the key
 * later (`put`, `remove`, `append`, `take` …) wins over the object from before, which is the session's no
 * more. Where one cannot be stored any longer, the commit is rejected with its path, and stores nothing.
 * Assigning a property, `session.user = 'ada'`, is `InvalidArgument`: it would not be stored.
 *
 * It was read when it was loaded, so what it holds is answered at once. Only `take`, `destroy` and
 * `mergeFrom` ask the store, and are promises that can be rejected as that of `Store.find` can. A
 * wrong argument is `InvalidArgument`: thrown by the methods that give no promise, a rejection of those
 * that do.
 *
 * Printing a session and its JSON show its status alone. It belongs to the thread that loaded it.
 */
export class Session<Data extends object = SessionData> {
  #private
  private constructor ()

  /** The value of a key; `undefined` when there is none. */
  get<K extends KnownKey<Data>> (key: K): Data[K] | undefined
  get (key: string): Stored | undefined
  /**
   * As `get`, but only text.
   *
   * @throws SessioError `InvalidArgument` for anything else; so do the other typed reads.
   */
  getString (key: string): string | undefined
  /** As `get`, but only a number: a float, or an integer up to 2^53 - 1. */
  getNumber (key: string): number | undefined
  getBoolean (key: string): boolean | undefined
  /** As `get`, but only an integer, of any size. A float is none, even where it is whole. */
  getBigInt (key: string): bigint | undefined
  getDate (key: string): Date | undefined
  getBuffer (key: string): Buffer | undefined
  /** The value of a key, which is removed. */
  pop<K extends KnownKey<Data>> (key: K): Data[K] | undefined
  pop (key: string): Stored | undefined
  /** Whether there is such a key. */
  has (key: string): boolean
  /** The same as `has`, by the name that it has in the other languages. */
  contains (key: string): boolean
  /** The keys, sorted. */
  keys (): string[]
  /** Everything in it. */
  values (): AllOf<Data>
  /**
   * All values at once, as one object: the fastest way to read everything. Unlike `values` it gives
   * copies; what `assign` takes.
   */
  snapshot (): AllOf<Data>
  /**
   * Sets the value of a key, unless it has this very value: what is equal, deep and with its types, is
   * no change. Whether it was one. Throws as `put` does.
   */
  putIfChanged<K extends KnownKey<Data>> (key: K, value: Known<Data, K>): boolean
  putIfChanged<K extends string, T> (key: OtherKey<Data, K>, value: T & Storable<T>): boolean
  /**
   * The values shall be these and no others: for programs that hold all values in one object of their
   * own. Only the differences are changes, found as by `putIfChanged`, so that requests which meet keep
   * what each has changed; keys that are not among these are removed. With an error nothing is changed.
   *
   * @throws SessioError as `put`.
   */
  assign<T extends Partial<Data>> (values: T & Storable<T>, options?: { lenient?: false | undefined }): void
  /**
   * The same for whatever `JSON.stringify` takes, and what it makes of that: `toJSON` is called,
   * functions and `undefined` are left out, an instance of a class is its fields, a `Date` is text and an
   * invalid one `null`, NaN is `null`, a `Map` is `{}`. A bigint, and what holds itself, is
   * `InvalidArgument`.
   */
  assign (values: object, options: { lenient: boolean }): void
  /** What earlier requests left for the one that asks. From the commit on it is gone. */
  flashes (): { [key: string]: Stored }

  /**
   * Gives it a new token at the commit, in one step with whatever else was changed: at any moment
   * exactly one of the two is valid, and without a commit the session is as before. To be called when
   * a user logs in or out, so that a token that somebody planted before is worth nothing. `false` when
   * it is known that another request ended the session.
   */
  renew (): boolean
  /**
   * Starts over at the commit, under a new token: values, flash values, subject, "remember me" and what
   * was noted before are gone, and a new lifetime begins. What is put in afterwards is in the new
   * session. At any moment exactly one of the two tokens is valid, and without a commit the session is
   * as before. `false` when it is known that another request ended the session.
   */
  regenerate (): boolean
  /** When its lifetime ends. */
  deadline (): Date
  /**
   * When it ends if nobody uses it from now on, as the store has it; `null` for a session that never
   * ends, and for one that is not stored.
   */
  expiresAt (): Date | null
  /** What `rememberMe` was told; `null` if nothing, and then `cookiePersist` decides. */
  remembered (): boolean | null
  /** What `setIdleTimeout` was told, in milliseconds; `null` if nothing, and then the manager's holds. */
  idleTimeout (): number | null
  /** What `setExtra` keeps under a name: a copy. */
  extra (name: string): Stored | undefined
  /** Whose session it is, where that was said. */
  subject (): string | null
  /** Whether the store has no such session (yet). */
  isNew (): boolean
}

export interface LazySession<Data extends object = SessionData> extends SessionView<Data> {}

/**
 * A session that is not read until somebody looks: from `SessionManager.lazy` and its like. It has the
 * methods of a `Session`, and those that read it give promises: the first of them asks the store, once.
 * They can be rejected as that of `Store.find` can, and with `Corrupt` where `onCorrupt` is `fail`.
 */
export class LazySession<Data extends object = SessionData> {
  #private
  private constructor ()

  /** Asks the store now, unless that was done. No later read waits for it then. */
  ensureLoaded (options?: Call): Promise<void>

  get<K extends KnownKey<Data>> (key: K): Promise<Data[K] | undefined>
  get (key: string): Promise<Stored | undefined>
  getString (key: string): Promise<string | undefined>
  getNumber (key: string): Promise<number | undefined>
  getBoolean (key: string): Promise<boolean | undefined>
  getBigInt (key: string): Promise<bigint | undefined>
  getDate (key: string): Promise<Date | undefined>
  getBuffer (key: string): Promise<Buffer | undefined>
  pop<K extends KnownKey<Data>> (key: K): Promise<Data[K] | undefined>
  pop (key: string): Promise<Stored | undefined>
  has (key: string): Promise<boolean>
  contains (key: string): Promise<boolean>
  keys (): Promise<string[]>
  values (): Promise<AllOf<Data>>
  snapshot (): Promise<AllOf<Data>>
  putIfChanged<K extends KnownKey<Data>> (key: K, value: Known<Data, K>): Promise<boolean>
  putIfChanged<K extends string, T> (key: OtherKey<Data, K>, value: T & Storable<T>): Promise<boolean>
  assign<T extends Partial<Data>> (values: T & Storable<T>, options?: { lenient?: false | undefined }): Promise<void>
  assign (values: object, options: { lenient: boolean }): Promise<void>
  flashes (): Promise<{ [key: string]: Stored }>
  renew (options?: Call): Promise<boolean>
  regenerate (options?: Call): Promise<boolean>
  deadline (): Promise<Date>
  expiresAt (): Promise<Date | null>
  remembered (): Promise<boolean | null>
  idleTimeout (): Promise<number | null>
  extra (name: string): Promise<Stored | undefined>
  subject (): Promise<string | null>
  isNew (): Promise<boolean>
}
