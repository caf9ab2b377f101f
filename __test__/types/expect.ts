/** Fails to compile where the value is not of that type. */
export function expectType<T>(_value: T): void {}
