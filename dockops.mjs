import dockops from './dockops.js'

export const { Images, Containers, logEvents, portBindings, createDocker } = dockops
