// The table of the matrix of faults has every public method, or says why not.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import ts from 'typescript'
import { WITHOUT, groups } from './helpers/faults/calls/all.mjs'

/** `Class.method`, as the types have them. */
function publicMethods() {
  const text = readFileSync(new URL('../index.d.ts', import.meta.url), 'utf8')
  const { statements } = ts.createSourceFile('index.d.ts', text, ts.ScriptTarget.Latest, true)
  // An interface of a class's name is more of that class; errors and Node's own streams ask nothing.
  const classes = statements
    .filter((one) => ts.isClassDeclaration(one))
    .filter(
      ({ heritageClauses }) =>
        !/\bextends (Error|Transform)\b/.test(
          heritageClauses?.map((clause) => clause.getText()).join() ?? '',
        ),
    )
    .map(({ name }) => name?.text)
  const found = new Set()
  for (const one of statements) {
    if (!ts.isClassDeclaration(one) && !ts.isInterfaceDeclaration(one)) continue
    if (!classes.includes(one.name?.text)) continue
    for (const member of one.members) {
      const isMethod = ts.isMethodDeclaration(member) || ts.isMethodSignature(member)
      const isPromise =
        ts.isGetAccessor(member) && (member.type?.getText() ?? '').startsWith('Promise<')
      if (!isMethod && !isPromise) continue
      const name = member.name.getText()
      if (!name.startsWith('[')) found.add(`${one.name?.text}.${name}`)
    }
  }
  return [...found].sort()
}

test('every public method is in the table, or in the list of those that are not, with the reason', () => {
  const known = new Set(Object.keys(WITHOUT))
  for (const calls of Object.values(groups)) {
    // “DokeresContainer.logs that follow” is of `logs`.
    for (const title of Object.keys(calls)) known.add(title.split(' ')[0])
  }
  const methods = publicMethods()
  assert.ok(methods.length > 150)
  assert.deepEqual(
    methods.filter((method) => !known.has(method)),
    [],
  )
  assert.deepEqual([...known].filter((name) => !methods.includes(name)).sort(), [])
})
