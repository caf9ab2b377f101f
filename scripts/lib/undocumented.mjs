// What of the public types has no comment, and so nothing to show in an editor or in the reference.
import { basename } from 'node:path'
import ts from 'typescript'

/** `refines`: the member of a type that is joined to others, which may have told of it. */
/** @typedef {{ documented: boolean, where: string, refines?: string }} Item */

/**
 * Exported declarations, and the members of classes, interfaces, namespaces and of types that are written out; of what
 * is declared several times (overloads, merged declarations) one has to have a comment. What an inline type has is
 * told by whoever has it.
 * @param {string[]} files
 */
export function undocumented(files) {
  /** @type {Map<string, Item>} */
  const items = new Map()
  for (const file of files) {
    const source = ts.createSourceFile(
      file,
      ts.sys.readFile(file) ?? '',
      ts.ScriptTarget.Latest,
      true,
    )
    for (const statement of source.statements) visit(statement, basename(file, '.d.ts'), items)
  }
  const told = new Set(
    [...items].filter(([, item]) => item.documented).map(([name]) => name.split('.').at(-1)),
  )
  return [...items]
    .filter(([, { documented, refines }]) => !documented && !told.has(refines))
    .map(([name, { where }]) => `${where} ${name}`)
}

/** @param {ts.Statement} statement @param {string} owner @param {Map<string, Item>} items */
function visit(statement, owner, items) {
  const isExported = ts.canHaveModifiers(statement)
    ? ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
    : false
  const inNamespace = ts.isModuleBlock(statement.parent)
  if (!isExported && !inNamespace) return
  if (ts.isVariableStatement(statement)) {
    for (const { name } of statement.declarationList.declarations) {
      note(statement, `${owner}.${name.getText()}`, items)
    }
    return
  }
  const name = /** @type {ts.DeclarationStatement} */ (statement).name?.getText()
  if (name === undefined) return
  if (ts.isModuleDeclaration(statement)) {
    const { body } = statement
    if (body && ts.isModuleBlock(body)) {
      for (const inner of body.statements) visit(inner, `${owner}.${name}`, items)
    }
    return
  }
  note(statement, `${owner}.${name}`, items)
  if (ts.isClassDeclaration(statement) || ts.isInterfaceDeclaration(statement)) {
    for (const member of statement.members) visitMember(member, `${owner}.${name}`, items)
  } else if (ts.isTypeAliasDeclaration(statement)) {
    const { type } = statement
    if (ts.isUnionTypeNode(type)) visitWords(type, `${owner}.${name}`, items)
    visitWritten(type, `${owner}.${name}`, items)
  }
}

/** What a type has that is written out, also as one of several. @param {ts.TypeNode} type @param {string} owner @param {Map<string, Item>} items */
function visitWritten(type, owner, items) {
  if (ts.isUnionTypeNode(type) || ts.isIntersectionTypeNode(type)) {
    for (const part of type.types) visitWritten(part, owner, items)
  } else if (ts.isParenthesizedTypeNode(type)) {
    visitWritten(type.type, owner, items)
  } else if (ts.isTypeLiteralNode(type)) {
    const isJoined = ts.isIntersectionTypeNode(type.parent)
    for (const member of type.members) {
      // A word that says which of several it is speaks for itself.
      const isWord =
        ts.isPropertySignature(member) && member.type && ts.isLiteralTypeNode(member.type)
      if (!isWord) visitMember(member, owner, items, isJoined)
    }
  }
}

/** @param {ts.ClassElement | ts.TypeElement} member @param {string} owner @param {Map<string, Item>} items @param {boolean} [isJoined] */
function visitMember(member, owner, items, isJoined = false) {
  const hidden = [ts.SyntaxKind.PrivateKeyword, ts.SyntaxKind.ProtectedKeyword]
  const modifiers = ts.canHaveModifiers(member) ? ts.getModifiers(member) : undefined
  if (modifiers?.some(({ kind }) => hidden.includes(kind))) return
  const name = ts.isConstructorDeclaration(member) ? 'constructor' : member.name?.getText()
  // What an iterator, or an inspection, is for is told by the language.
  if (name === undefined || name.startsWith('_') || /^\[(Symbol\.asyncIterator|inspect)/.test(name))
    return
  note(member, `${owner}.${name}`, items, isJoined ? name : undefined)
}

/** The words of a union, where they have comments at all. @param {ts.UnionTypeNode} union @param {string} owner @param {Map<string, Item>} items */
function visitWords(union, owner, items) {
  const documented = union.types.map((type) => isDocumented(type))
  if (!documented.includes(true)) return
  for (const type of union.types) note(type, `${owner}.${type.getText()}`, items)
}

/** @param {ts.Node} node @param {string} name @param {Map<string, Item>} items @param {string} [refines] */
function note(node, name, items, refines) {
  const source = node.getSourceFile()
  const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1
  const documented = isDocumented(node) || items.get(name)?.documented === true
  items.set(name, { documented, where: `${basename(source.fileName)}:${line}`, refines })
}

/** @param {ts.Node} node */
function isDocumented(node) {
  const { text } = node.getSourceFile()
  // Of a word in a union it stands before the bar.
  if (ts.isLiteralTypeNode(node) && /\*\/\s*\|\s*$/.test(text.slice(0, node.getStart())))
    return true
  const comments = ts.getLeadingCommentRanges(text, node.getFullStart()) ?? []
  return comments.some(({ pos, end }) => /^\/\*\*[^]*[^\s*/]/.test(text.slice(pos, end)))
}
