/** An address without user name and password, fit for logs and files. */
export const withoutCredentials = (url: string): string => url.replace(/^(https?:\/\/)[^/@]*@/, '$1');
