'use strict'

// Deno asks before it lets a program do anything, and of a helper's nobody could be asked.
const runs = 'deno' in process.versions ? ['run', '--allow-all'] : []

/**
 * How a script of ours is run in a process of its own.
 * @param {string} path
 * @returns {[string, ...string[]]} the program, and its arguments
 */
exports.command = (path) => [process.execPath, ...runs, path]
