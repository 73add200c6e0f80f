using System.Security.Cryptography;

namespace MultiModal.Testing.Media;

/// <summary>The name of content: what the product keys its cache by, and what the simulator knows media by.</summary>
public static class Sha256
{
    /// <returns>SHA-256 in lower-case hexadecimal digits.</returns>
    public static string Of(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));
}
