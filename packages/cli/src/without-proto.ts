/**
 * @module
 * What `node --disable-proto=delete` does, without anybody having to remember it: no object of this process can be given
 * another prototype through its member `__proto__`, whichever library copies what a caller sent. Imported before all else.
 */
Reflect.deleteProperty(Object.prototype, '__proto__')
