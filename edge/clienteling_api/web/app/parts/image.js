// Pictures on their way to the gateway: made smaller, and stripped of where they were taken.

const LONGEST_PX = 1600;
const QUALITY = 0.92;

/** The picture a video shows right now, as a JPEG blob. */
export const frame = (video) => draw(video, video.videoWidth, video.videoHeight);

/** A file re-encoded as JPEG; one that no browser can read goes as it is, to be refused in words. */
export async function smaller(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return ["image/jpeg", "image/png", "image/webp"].includes(file.type)
      ? file
      : new Blob([file], { type: "image/jpeg" });
  }
  const blob = await draw(bitmap, bitmap.width, bitmap.height);
  bitmap.close();
  return blob;
}

function draw(source, width, height) {
  const scale = Math.min(1, LONGEST_PX / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.getContext("2d").drawImage(source, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
}
