// The app's first import. zod, which comes later, with the client, would try whether the page may write code at run time, which
// the page's headers forbid.
// What it would gain is speed for thousands of checks a second.
Object.assign(globalThis, { __zod_globalConfig: { jitless: true } });
