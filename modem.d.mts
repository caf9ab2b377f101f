export * from './modem.js'
