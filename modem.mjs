import modem from './modem.js'

export const { Modem } = modem
