/** A file of this package, gzipped, in base64: written when it is packed (embed.mjs). */
declare const gzip: string;
export default gzip;
