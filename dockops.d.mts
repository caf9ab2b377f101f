export * from './dockops.js'
