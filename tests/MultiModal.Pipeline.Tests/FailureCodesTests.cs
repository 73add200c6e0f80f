using System.Reflection;

namespace MultiModal.Pipeline.Tests;

public class FailureCodesTests
{
    [Fact]
    public void Every_code_is_explained_in_the_docs()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "MultiModalFunctions.sln"))) folder = Path.GetDirectoryName(folder)!;
        var docs = File.ReadAllText(Path.Combine(folder, "docs", "errors.md"));
        var codes = typeof(FailureCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => (string)f.GetRawConstantValue()!).ToList();
        Assert.NotEmpty(codes);
        Assert.All(codes, code => Assert.Contains($"`{code}`", docs, StringComparison.Ordinal));
        Assert.All(codes, code => Assert.Matches("^[a-z]+(-[a-z]+)*$", code));
    }
}
