using System.Security.Cryptography;

namespace AzureOpenAISimulator.Wire;

internal static class ContentHashes
{
    public static string Sha256(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
