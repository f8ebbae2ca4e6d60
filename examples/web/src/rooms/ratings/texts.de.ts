import type en from "./texts.en.ts";

export default {} satisfies typeof en;
