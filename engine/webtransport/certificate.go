package webtransport

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"time"
)

// SelfSigned makes a certificate that no authority vouches for, for development.
// It names the given hosts, which are names or IP addresses, and the hash of it
// is what a page has to pass to be allowed to connect:
//
//	io({ transportOptions: { webtransport: { serverCertificateHashes: [
//		{ algorithm: "sha-256", value: hash },
//	] } } })
//
// Browsers take such certificates for two weeks at most, and only with keys of
// ECDSA P-256; this one begins an hour ago and lasts 13 days.
func SelfSigned(hosts ...string) (cert tls.Certificate, hash [sha256.Size]byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return cert, hash, fmt.Errorf("webtransport: making a key: %w", err)
	}
	now := time.Now()
	t := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()),
		Subject:      pkix.Name{CommonName: "development"},
		NotBefore:    now.Add(-time.Hour), // clocks differ
		NotAfter:     now.Add(13 * 24 * time.Hour),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			t.IPAddresses = append(t.IPAddresses, ip)
		} else {
			t.DNSNames = append(t.DNSNames, h)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, t, t, &key.PublicKey, key)
	if err != nil {
		return cert, hash, fmt.Errorf("webtransport: making a certificate: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, sha256.Sum256(der), nil
}
