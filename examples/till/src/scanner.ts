import zxingWasm from "zxing-wasm/reader/zxing_reader.wasm?url";

/** What reads the QR codes in a picture: Chromium's own, or on other browsers a library, which is only loaded then. */
export interface CodeReader {
  detect(picture: ImageBitmapSource): Promise<{ rawValue: string }[]>;
}

/** Reads QR codes with what the browser has, else with the library. */
export async function codeReader(): Promise<CodeReader> {
  const native = Reflect.get(globalThis, "BarcodeDetector");
  if (native !== undefined && (await native.getSupportedFormats()).includes("qr_code")) {
    return new native({ formats: ["qr_code"] });
  }
  const { BarcodeDetector, prepareZXingModule } = await import("barcode-detector/ponyfill");
  // from this server, not from a network of others, where the library would fetch it
  prepareZXingModule({ overrides: { locateFile: () => zxingWasm } });
  return new BarcodeDetector({ formats: ["qr_code"] });
}

const PAUSE_MS = 150;

/** Shows the camera and resolves with the first code that it sees, or with undefined when it was stopped. */
export async function scan(video: HTMLVideoElement, stopped: AbortSignal): Promise<string | undefined> {
  const camera = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  try {
    const reader = await codeReader();
    video.srcObject = camera;
    await video.play();
    while (!stopped.aborted) {
      const [found] = await reader.detect(video);
      if (found !== undefined) return found.rawValue;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    return undefined;
  } finally {
    for (const track of camera.getTracks()) track.stop();
    video.srcObject = null;
  }
}
