/** The primes below a limit, by the sieve of Eratosthenes. */
export function primes(limit: number): number[] {
  const composite = new Uint8Array(limit)
  const found: number[] = []
  for (let number = 2; number < limit; number++) {
    if (composite[number]) continue
    found.push(number)
    for (let multiple = number * number; multiple < limit; multiple += number) {
      composite[multiple] = 1
    }
  }
  return found
}
