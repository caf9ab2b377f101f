import { primes } from './primes.mjs'

const limit = 100
const found: readonly number[] = primes(limit)
console.log(`${found.length} primes below ${limit}, the last is ${found.at(-1)}`)
