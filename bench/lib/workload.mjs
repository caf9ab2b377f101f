// What a workload is: see bench/workloads.

/** @typedef {'dokeres' | 'dockerode' | 'sdk' | 'cli' | 'limit'} Client */

/** @type {readonly Client[]} */
export const CLIENTS = ['dokeres', 'dockerode', 'sdk', 'cli', 'limit']

/**
 * What a client's function gets. It calls `measure` once, with what is to be measured: what comes before
 * prepares, what comes after checks. It throws where what came out is not what it has to be.
 * @typedef {object} Run
 * @property {any} client the client made for this engine; of `cli` and `limit` there is none
 * @property {Record<string, any>} facts of the fixtures, by their names
 * @property {number} count of the workload, scaled
 * @property {<T>(work: () => T | Promise<T>) => Promise<T>} measure
 * @property {(extra: Record<string, number>) => void} note more figures, for the JSON
 */

/** @typedef {(run: Run) => Promise<void>} Measured */

/**
 * @typedef {object} Workload
 * @property {string} name
 * @property {string} title what is done
 * @property {number} [count] how often, or of how many, it is done at full size
 * @property {Record<string, number>} needs fixtures, each with its full size; 0 has no size
 * @property {number} share how much of the full size is taken where everything runs, to end in time
 * @property {number} seconds how long its rounds may take where everything runs
 * @property {'wall' | 'cpu'} figure what it is compared by: `cpu` (of the JavaScript thread) where the
 *   time is given
 * @property {string} [limitOf] another workload whose limit is this one's, being the same requests
 * @property {boolean} [isCold] the client is not made beforehand
 * @property {boolean} [onlyByName] takes too long for a run of everything
 * @property {string} bound what bounds it, for docs/performance.md
 * @property {Partial<Record<Client, Measured | string>>} clients a text says why a client cannot
 */

/** Gives the types. @param {Workload[]} workloads */
export const workloads = (...workloads) => workloads
