// Who one is, for as long as this window is open.

export const remembered = {
  get name() { return sessionStorage.getItem('name') ?? ''; },
  set name(v) { v ? sessionStorage.setItem('name', v) : sessionStorage.removeItem('name'); },
  // Tells the server that a new connection is the same person as before. Known to this window only.
  get token() {
    let token = sessionStorage.getItem('token');
    if (!token) {
      token = Array.from(crypto.getRandomValues(new Uint8Array(16)), b => b.toString(16).padStart(2, '0')).join('');
      sessionStorage.setItem('token', token);
    }
    return token;
  },
};
