// Starts an HTTP server the way every program of this folder does: PORT names
// the port, 0 asks the kernel for one, and the address goes to standard output.
export function listen(http, standard) {
  const host = process.env.HOST || "127.0.0.1";
  const port = process.env.PORT === undefined ? standard : Number(process.env.PORT);
  http.listen(port, host, 4096, () => {
    console.log(`listening http://${host}:${http.address().port}`);
  });
}

// milliseconds reads a time that the environment may shift.
export const milliseconds = (name, standard) => Number(process.env[name] ?? standard);
