// The package as it is published: packed, installed elsewhere, required, imported and compiled.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { copyFile, cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { EventEmitter } from 'node:events'
import { tmpdir } from 'node:os'
import path from 'node:path'
import test, { after, before } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import * as sessio from '../index.mjs'

const run = promisify(execFile)
const home = fileURLToPath(new URL('..', import.meta.url))
const types = (await Promise.all(['index.d.ts', 'sessions.d.ts'].map((file) =>
  readFile(path.join(home, file), 'utf8')))).join('')
let app

before(async () => {
  app = await mkdtemp(path.join(tmpdir(), 'sessio-node-'))
  await run('npm', ['pack', '--pack-destination', app], { cwd: home })
  const [tarball] = await readdir(app)
  await writeFile(path.join(app, 'package.json'), '{"name": "app", "private": true}')
  await run('npm', ['install', '--offline', '--ignore-scripts', `./${tarball}`], { cwd: app })
})

after(() => rm(app, { recursive: true, force: true }))

const node = (...args) => run(process.execPath, args, { cwd: app })

test('it holds what it needs and nothing else', async () => {
  const installed = path.join(app, 'node_modules', 'sessio')
  const files = await readdir(installed, { recursive: true, withFileTypes: true })
  const names = files.filter((file) => file.isFile())
    .map((file) => path.relative(installed, path.join(file.parentPath, file.name)))
    .map((name) => name.replace(/^native\.[\w-]+\.node$/, 'native'))
  const lib = (await readdir(path.join(home, 'lib'))).map((name) => path.join('lib', name))
  assert.deepEqual(names.sort(), ['LICENSE', 'README.md', 'index.d.mts', 'index.d.ts', 'index.js',
    'index.mjs', ...lib, 'native', 'package.json', 'sessions.d.ts'].sort())
  // npm packs no links, so this is a copy.
  assert.equal(await readFile(path.join(installed, 'LICENSE'), 'utf8'),
    await readFile(path.join(home, '..', 'LICENSE'), 'utf8'))
  const { dependencies, scripts, ...manifest } =
    JSON.parse(await readFile(path.join(installed, 'package.json'), 'utf8'))
  assert.equal(dependencies, undefined)
  for (const script of ['preinstall', 'install', 'postinstall', 'prepare']) {
    assert.ok(!(script in (scripts ?? {})), script)
  }
  const cargo = await readFile(path.join(home, '..', 'Cargo.toml'), 'utf8')
  assert.equal(manifest.version, cargo.match(/^version = "(.*)"/m)[1])
})

test('it can be required and imported, and is the same package either way', async () => {
  const program = `
    import { createRequire } from 'node:module'
    import * as imported from 'sessio'
    const required = createRequire(import.meta.url)('sessio')
    for (const [name, value] of Object.entries(imported)) {
      if (required[name] !== value) throw new Error(name)
    }
    const store = new imported.Store('memory:')
    await store.save('token', 'data', null)
    console.log(Object.keys(required).join(), (await store.find('token')).data.toString())`
  await writeFile(path.join(app, 'app.mjs'), program)
  const { stdout } = await node('app.mjs')
  assert.equal(stdout, `${Object.keys(sessio).join()} data\n`)
})

test('its inside cannot be required', async () => {
  await assert.rejects(node('-e', 'require("sessio/lib/calls.js")'), /ERR_PACKAGE_PATH_NOT_EXPORTED/)
  await node('-e', 'require("sessio/package.json")')
})

test('its types compile in strict programs of both module systems, and are true', async () => {
  const typed = path.join(home, 'test', 'types')
  for (const file of await readdir(typed)) await copyFile(path.join(typed, file), path.join(app, file))
  for (const name of ['@types', 'undici-types']) {
    const modules = path.join('node_modules', name)
    await cp(path.join(home, modules), path.join(app, modules), { recursive: true })
  }
  const tsc = path.join(home, 'node_modules', 'typescript', 'bin', 'tsc')
  await node(tsc, '-p', 'tsconfig.json', '--noEmit', 'false', '--outDir', 'out')
  await node(path.join('out', 'esm.mjs'))
  await node(path.join('out', 'sessions.mjs'))
  await node(path.join('out', 'typed.mjs'))
  await node('-e', 'require("./out/cjs.cjs").done.catch((e) => { console.error(e); process.exit(1) })')
})

test('the types name what there is, and there is what they name', () => {
  const values = [...types.matchAll(/^export (?:class|function) (\w+)/gm)].map(([, name]) => name)
  assert.deepEqual(values.sort(), Object.keys(sessio).sort())
  const inherited = Object.getOwnPropertyNames(EventEmitter.prototype)
  // The interface of the same name is what is declared elsewhere for both kinds of sessions.
  const bodyOf = (what, name) =>
    types.match(new RegExp(`^export ${what} ${name}(?:<.*>)? (?:extends \\w+ )?{\\n((?:.*\\n)*?)}`, 'm'))[1]
  const view = Object.getPrototypeOf(sessio.Session)
  for (const name of ['Store', 'Key', 'ManualClock', 'SessionManager', 'Session', 'LazySession']) {
    const isView = sessio[name].prototype instanceof view
    const body = bodyOf('class', name) + (isView ? bodyOf('interface', 'SessionView') : '')
    const declared = [...body.matchAll(/^ {2}(?:private |readonly )?(\w+)(?:<.*?>)?(?: \(|:)/gm)].map(([, member]) => member)
    // For printing and for JSON.
    const there = [sessio[name], ...isView ? [view] : []]
      .flatMap((owner) => Object.getOwnPropertyNames(owner.prototype)).filter((name) => name !== 'toJSON')
    const more = name === 'SessionManager' ? declared.filter((member) => inherited.includes(member)) : []
    assert.deepEqual([...new Set(declared)].sort(), [...new Set([...there, ...more])].sort(), name)
  }
})

test('the error on a platform without a native part says so', async () => {
  const bare = path.join(app, 'bare')
  await mkdir(bare)
  await cp(path.join(home, 'lib'), path.join(bare, 'lib'), { recursive: true })
  await assert.rejects(node('-e', 'require("./bare/lib/native.js")'),
    new RegExp(`sessio: this package has no native part for ${process.platform}-${process.arch}`))
  await writeFile(path.join(bare, `native.${process.platform}-${process.arch}-gnu.node`), 'broken')
  await writeFile(path.join(bare, `native.${process.platform}-${process.arch}.node`), 'broken')
  await assert.rejects(node('-e', 'require("./bare/lib/native.js")'), /sessio: .* does not load/)
})
