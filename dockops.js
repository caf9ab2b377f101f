'use strict'

// `dokeres/dockops`: a drop-in for dockops 0.2.1. docs/dockops.md tells what is other than there.

const { Containers } = require('./js/dockops/containers.js')
const { createDocker } = require('./js/dockops/docker.js')
const { Images } = require('./js/dockops/images.js')
const { logEvents } = require('./js/dockops/log-events.js')
const { portBindings } = require('./js/dockops/port-bindings.js')

module.exports = { Images, Containers, logEvents, portBindings, createDocker }
