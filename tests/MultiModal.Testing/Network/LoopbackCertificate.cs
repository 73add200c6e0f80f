using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MultiModal.Testing.Network;

/// <summary>A certificate for servers on 127.0.0.1, which nobody trusts who was not told to.</summary>
public sealed class LoopbackCertificate : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("certificate-").FullName;

    private LoopbackCertificate(X509Certificate2 certificate)
    {
        Certificate = certificate;
        TrustFile = Path.Combine(folder, "trust.pem");
        File.WriteAllText(TrustFile, certificate.ExportCertificatePem());
    }

    public X509Certificate2 Certificate { get; }

    /// <summary>A file for <c>SSL_CERT_FILE</c>: a process with this variable trusts this certificate.</summary>
    public string TrustFile { get; }

    public static LoopbackCertificate Create()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(
            certificateAuthority: true, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        var now = TimeProvider.System.GetUtcNow();
        return new LoopbackCertificate(request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1)));
    }

    public void Dispose()
    {
        Certificate.Dispose();
        Directory.Delete(folder, recursive: true);
    }
}
