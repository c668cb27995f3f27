/** What k6 has built in, as far as a file under test must find it and does not use it. */
export default {};
export class Gauge {}
